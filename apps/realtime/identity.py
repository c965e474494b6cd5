"""Credentials that may open a socket: a session cookie or a single-use ticket. Call inside a tenant's schema."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from django.contrib.auth import SESSION_KEY, get_user
from django.contrib.sessions.backends.db import SessionStore

from apps.accounts.core.levels import Level
from apps.accounts.models import ApiKey, SignIn, User
from apps.kernel import clock
from apps.kernel.errors import NotAuthenticated


@dataclass(frozen=True, slots=True)
class Credential:
    """What proved who it is. A ticket stands for the token or key that asked for it, and ends with it."""

    session_key: str | None = None
    sign_in_id: UUID | None = None
    api_key_id: UUID | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            "session_key": self.session_key,
            "sign_in_id": None if self.sign_in_id is None else str(self.sign_in_id),
            "api_key_id": None if self.api_key_id is None else str(self.api_key_id),
        }

    @classmethod
    def from_json(cls, body: dict[str, Any]) -> Credential:
        return cls(
            session_key=body["session_key"],
            sign_in_id=None if body["sign_in_id"] is None else UUID(body["sign_in_id"]),
            api_key_id=None if body["api_key_id"] is None else UUID(body["api_key_id"]),
        )


def user_of_session(session_key: str) -> UUID:
    """The person signed in with this session. Raises NotAuthenticated."""
    session = SessionStore(session_key)
    user = get_user(SimpleNamespace(session=session))  # type: ignore[arg-type]
    if SESSION_KEY not in session or not user.is_active:
        raise NotAuthenticated
    user_id: UUID = user.pk
    return user_id


def viewer(user_id: UUID, credential: Credential) -> User:
    """The person, if they are active and the credential is good still. Raises NotAuthenticated."""
    user = User.objects.living().select_related("role").filter(id=user_id, is_active=True).first()
    if user is None:
        raise NotAuthenticated
    if credential.session_key is not None and user_of_session(credential.session_key) != user_id:
        raise NotAuthenticated
    if credential.sign_in_id is not None:
        _require_living_sign_in(user, credential.sign_in_id)
    if credential.api_key_id is not None:
        key = ApiKey.objects.filter(id=credential.api_key_id, user=user).first()
        if key is None or (key.expires_at is not None and key.expires_at <= clock.now()):
            raise NotAuthenticated
        user.scopes = frozenset(Level(scope) for scope in key.scopes)
    return user


def _require_living_sign_in(user: User, sign_in_id: UUID) -> None:
    if not SignIn.objects.filter(id=sign_in_id, user=user, revoked_at=None).exists():
        raise NotAuthenticated

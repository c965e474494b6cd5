"""API keys: made once, shown once, found by digest."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from apps.accounts.core.levels import Level
from apps.accounts.events import ApiKeyCreated, ApiKeyDeleted
from apps.accounts.models import ApiKey, User
from apps.kernel.clock import now
from apps.kernel.errors import FieldError, Invalid, NotAuthenticated
from apps.kernel.events import publish

PREFIX = 12
_USED_EVERY = timedelta(minutes=1)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


@transaction.atomic
def create(
    *,
    user: User,
    name: str,
    description: str = "",
    scopes: Sequence[Level] = tuple(Level),
    expires_at: datetime | None = None,
) -> tuple[ApiKey, str]:
    """The key's row and its secret, which nobody can read again. Raises Invalid for an end in the past."""
    if expires_at is not None and expires_at <= now():
        raise Invalid(errors=[FieldError("expires_at", "invalid", "The end lies in the past")])
    secret = f"uzo_{secrets.token_hex(4)}_{secrets.token_urlsafe(32)}"
    key = ApiKey.objects.create(
        user=user,
        name=name,
        description=description,
        prefix=secret[:PREFIX],
        digest=_digest(secret),
        scopes=sorted(set(scopes)),
        expires_at=expires_at,
    )
    publish(ApiKeyCreated(user_id=user.pk, api_key_id=key.pk, by=user.pk))
    return key, secret


@transaction.atomic
def delete(*, key: ApiKey, by: User) -> None:
    """End a key at once."""
    event = ApiKeyDeleted(user_id=key.user_id, api_key_id=key.pk, by=by.pk)
    key.delete()
    publish(event)


def find(secret: str) -> ApiKey:
    """The living key of a living person, whose `scopes` are set on the user. Raises NotAuthenticated."""
    key = ApiKey.objects.select_related("user__role").filter(prefix=secret[:PREFIX]).first()
    good = key is not None and hmac.compare_digest(key.digest, _digest(secret))
    if key is None or not good or not key.user.is_active:
        raise NotAuthenticated("This API key is not known here", code="api_key_invalid", remedy="Make a new one")
    if key.expires_at is not None and key.expires_at <= now():
        raise NotAuthenticated("This API key is over", code="api_key_expired", remedy="Make a new one")
    key.user.scopes = frozenset(Level(scope) for scope in key.scopes)
    _note_use(key)
    return key


def _note_use(key: ApiKey) -> None:
    moment = now()
    if key.last_used_at is None or moment - key.last_used_at > _USED_EVERY:
        ApiKey.objects.filter(Q(last_used_at=None) | Q(last_used_at__lt=moment - _USED_EVERY), pk=key.pk).update(
            last_used_at=moment
        )

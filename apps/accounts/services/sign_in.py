"""Signing in and out. A refresh token is good once; used again, everything that came from it ends."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from axes.handlers.proxy import AxesProxyHandler
from django.conf import settings
from django.contrib.auth import authenticate, login, logout, user_logged_in
from django.db import transaction
from django.http import HttpRequest

from apps.accounts import tokens
from apps.accounts.events import SignedIn, SignInsRevoked
from apps.accounts.lockout import too_many_attempts
from apps.accounts.models import RefreshToken, SignIn, User
from apps.accounts.models.user import normal_email
from apps.kernel.clock import now
from apps.kernel.connections import connection
from apps.kernel.errors import NotAuthenticated
from apps.kernel.events import publish

_SEEN_EVERY = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Tokens:
    access: str = field(repr=False)
    refresh: str = field(repr=False)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def check_password(*, request: HttpRequest, email: str, password: str) -> User:
    """The person of that address and password. Raises NotAuthenticated, TooManyRequests when locked out.

    Tries for one person are made one after the other, so that two hundred at once count as two hundred
    and not as the one they all find before any has failed (THREATS 8).
    """
    email = normal_email(email)
    # A closed door is closed before the queue, or a flood of tries would keep the person waiting too.
    if not AxesProxyHandler.is_allowed(request, {"username": email}):
        raise too_many_attempts()
    with transaction.atomic():
        _one_at_a_time(email)
        # axes writes the failure here; raising comes after the commit, or the count would be undone.
        user = authenticate(request, username=email, password=password)
    if user is None and getattr(request, "axes_locked_out", False):
        raise too_many_attempts()
    if user is None:
        raise NotAuthenticated("The email or the password is wrong", code="wrong_credentials")
    assert isinstance(user, User)
    return user


def _one_at_a_time(email: str) -> None:
    number = int.from_bytes(
        hashlib.sha256(f"sign-in\0{connection.schema_name}\0{email}".encode()).digest()[:8], "big", signed=True
    )
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [number])


def sign_in(*, request: HttpRequest, email: str, password: str) -> tuple[User, Tokens]:
    """Sign a client in. Raises as `check_password`."""
    user = check_password(request=request, email=email, password=password)
    # Django notes the time, axes forgets the failures: both listen to this.
    user_logged_in.send(sender=User, request=request, user=user)
    return user, issue_tokens(user=user)


@transaction.atomic
def issue_tokens(*, user: User) -> Tokens:
    """Begin a sign-in for the person: an access token and the first refresh token of a family."""
    sign_in = SignIn.objects.create(user=user)
    publish(SignedIn(user_id=user.pk, by=user.pk, method="token"))
    return _next_tokens(sign_in)


def _next_tokens(sign_in: SignIn) -> Tokens:
    refresh = secrets.token_urlsafe(48)
    RefreshToken.objects.create(
        sign_in=sign_in, digest=_digest(refresh), expires_at=now() + settings.REFRESH_TOKEN_LIFETIME
    )
    return Tokens(tokens.make_access(user_id=sign_in.user_id, sign_in_id=sign_in.pk), refresh)


def refresh_tokens(*, refresh: str) -> Tokens:
    """New tokens for a refresh token. Raises NotAuthenticated for one that is unknown, old or revoked,
    and for one that was used before: then its whole family is revoked."""
    digest = _digest(refresh)
    with transaction.atomic():
        token = RefreshToken.objects.select_related("sign_in__user").filter(digest=digest).first()
        good = token is not None and token.sign_in.revoked_at is None and token.sign_in.user.is_active
        if token is None or not good or token.expires_at <= now():
            raise NotAuthenticated("This refresh token is not good", code="refresh_invalid", remedy="Sign in again")
        first_use = RefreshToken.objects.filter(pk=token.pk, used_at=None).update(used_at=now())
        if first_use:
            return _next_tokens(token.sign_in)
        _revoke(SignIn.objects.filter(pk=token.sign_in_id), reason="reuse")
        publish(SignInsRevoked(user_id=token.sign_in.user_id, reason="reuse"))
    raise NotAuthenticated(
        "This refresh token was used before; the sign-in is ended",
        code="refresh_reused",
        remedy="Sign in again; if it was not you who used it, change the password",
    )


@transaction.atomic
def sign_out(*, user: User, refresh: str) -> None:
    """End the sign-in that the refresh token belongs to; one that is unknown or another's ends nothing."""
    families = SignIn.objects.filter(refresh_tokens__digest=_digest(refresh), user=user)
    if _revoke(families, reason="logout"):
        publish(SignInsRevoked(user_id=user.pk, by=user.pk, reason="logout"))


def _revoke(families: Any, *, reason: str) -> int:
    ids = list(families.filter(revoked_at=None).values_list("pk", flat=True))
    return int(SignIn.objects.filter(pk__in=ids).update(revoked_at=now(), reason=reason))


@transaction.atomic
def revoke_all(*, user: User, reason: str, by: User | None = None) -> None:
    """End every sign-in of the person, tokens and sessions alike."""
    _revoke(SignIn.objects.filter(user=user), reason=reason)
    User.objects.filter(pk=user.pk).update(signed_out_at=now())
    publish(SignInsRevoked(user_id=user.pk, by=by.pk if by else None, reason=reason))


def open_session(*, request: HttpRequest, email: str, password: str) -> User:
    """Sign a browser in: its session cookie is set with the answer. Raises as `check_password`."""
    user = check_password(request=request, email=email, password=password)
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    publish(SignedIn(user_id=user.pk, by=user.pk, method="session"))
    return user


def note_seen(user: User) -> None:
    """Remember that the person is there, at most once in five minutes."""
    moment = now()
    if user.seen_at is None or moment - user.seen_at > _SEEN_EVERY:
        User.objects.filter(pk=user.pk).update(seen_at=moment)
        user.seen_at = moment


def close_session(*, request: HttpRequest) -> None:
    """Sign a browser out."""
    logout(request)


@transaction.atomic
def forget_old_tokens() -> int:
    """Delete refresh tokens that are over, and sign-ins without any; gives the number of tokens."""
    deleted, _ = RefreshToken.objects.filter(expires_at__lt=now()).delete()
    SignIn.objects.filter(refresh_tokens=None).delete()
    return deleted

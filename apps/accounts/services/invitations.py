"""Inviting people: a mailed link, good for a week, by which they choose their first password."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.core.mail import send_mail
from django.core.signing import BadSignature, TimestampSigner
from django.db import transaction
from django.utils.crypto import salted_hmac

from apps.accounts.events import UserInvited
from apps.accounts.models import User
from apps.kernel.errors import Conflict
from apps.kernel.events import publish

GOOD_FOR = timedelta(days=7)
_SALT = "apps.accounts.invitation"
_TEXT = """{who} invites you to {where}.

Open this page within a week to choose a password; your address, {email}, is your name there:

{url}

If you expected nothing of the kind, you need do nothing.
"""


def invitation_token(user: User) -> str:
    """A token that is good for a week, until the person has a password."""
    return TimestampSigner(salt=_SALT).sign(f"{user.pk.hex}.{_fingerprint(user)}")


def invited_user(token: str) -> User | None:
    """Whom a token invites, if it is good."""
    try:
        identity, _, fingerprint = TimestampSigner(salt=_SALT).unsign(token, max_age=GOOD_FOR).partition(".")
        user = User.objects.living().filter(pk=UUID(identity), is_active=True).first()
    except (BadSignature, ValueError):
        return None
    if user is None or user.has_usable_password() or fingerprint != _fingerprint(user):
        return None
    return user


def _fingerprint(user: User) -> str:
    # Another address, or a password that was set and taken away again, makes older links void.
    return salted_hmac(_SALT, f"{user.email}\0{user.password}", algorithm="sha256").hexdigest()[:32]


def require_invitable(user: User) -> None:
    """Raises Conflict for somebody who is switched off, or who has a password already."""
    if not user.is_active:
        raise Conflict("This person is switched off", code="not_active", remedy="Switch them on first")
    if user.has_usable_password():
        raise Conflict(
            "This person has a password already",
            code="already_joined",
            remedy="They can ask for a new one on the page where they sign in",
        )


@transaction.atomic
def send_invitation(*, user_id: UUID, by: UUID, where: str, base_url: str) -> bool:
    """Mail the link; says whether there was still somebody to invite. `where` is the subscription's name."""
    user = User.objects.living().filter(pk=user_id, is_active=True).first()
    if user is None or user.has_usable_password():
        return False
    inviter = User.objects.filter(pk=by).first()
    url = f"{base_url}/reset-password?token={invitation_token(user)}"
    who = str(inviter) if inviter else "The owner"
    text = _TEXT.format(who=who, where=where, email=user.email, url=url)
    send_mail(f"You are invited to {where}".replace("\n", " "), text, None, [user.email])
    publish(UserInvited(user_id=user.pk, by=by))
    return True

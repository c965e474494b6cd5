"""Forgotten passwords. The request does the same for every address; whether anybody has it, a worker finds out."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.tokens import default_token_generator
from django.core.mail import send_mail
from django.db import transaction

from apps.accounts.events import PasswordChanged, PasswordResetRequested
from apps.accounts.models import User
from apps.accounts.models.user import normal_email
from apps.accounts.services.invitations import invited_user
from apps.accounts.services.people import check_new_password
from apps.accounts.services.sign_in import revoke_all
from apps.kernel.errors import FieldError, Invalid
from apps.kernel.events import publish

_TEXT = """Somebody, hopefully you, asked for a new password for {email}.

Open this page within an hour to choose one:

{url}

If it was not you, nothing has changed and you need do nothing.
"""


def reset_token(user: User) -> str:
    """A token that is good for an hour, until the password changes or the person signs in."""
    return f"{user.pk.hex}.{default_token_generator.make_token(user)}"


def user_of_token(token: str) -> User | None:
    """Whose token it is, if it is good: one that was asked for, or that of an invitation."""
    if (invited := invited_user(token)) is not None:
        return invited
    identity, _, rest = token.partition(".")
    try:
        user = User.objects.living().filter(pk=UUID(identity), is_active=True).first()
    except ValueError:
        return None
    return user if user is not None and default_token_generator.check_token(user, rest) else None


@transaction.atomic
def send_reset_mail(*, email: str, base_url: str) -> bool:
    """Mail a link to the person of that address, if there is one; says whether."""
    user = User.objects.living().filter(email=normal_email(email), is_active=True).first()
    if user is None:
        return False
    url = f"{base_url}/reset-password?token={reset_token(user)}"
    send_mail("Choose a new password", _TEXT.format(email=user.email, url=url), None, [user.email])
    publish(PasswordResetRequested(user_id=user.pk))
    return True


@transaction.atomic
def reset_password(*, token: str, password: str) -> User:
    """Set the password that goes with a mailed token; every sign-in of the person ends.
    Raises Invalid for a token that is wrong, used or old, and for a weak password."""
    user = user_of_token(token)
    if user is None:
        raise Invalid(
            errors=[FieldError("token", "invalid", "The link is not good, or no longer")],
            remedy="Ask for a new one",
        )
    set_password(user=user, password=password)
    return user


@transaction.atomic
def change_own_password(*, user: User, current: str, password: str) -> None:
    """Raises Invalid if the current password is wrong or the new one weak. Every sign-in ends."""
    if not user.check_password(current):
        raise Invalid(errors=[FieldError("current_password", "wrong_credentials", "This is not your password")])
    set_password(user=user, password=password)


def set_password(*, user: User, password: str) -> None:
    check_new_password(password, user=user)
    user.set_password(password)
    user.save(update_fields=["password", "updated_at"])
    revoke_all(user=user, reason="password", by=user)
    publish(PasswordChanged(user_id=user.pk, by=user.pk))

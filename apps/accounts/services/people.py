"""Making, changing and removing people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from apps.accounts import access
from apps.accounts.events import UserChanged, UserCreated, UserDisabled, UserEnabled, UserRegistered
from apps.accounts.models import ApiKey, Role, User
from apps.accounts.services.sign_in import revoke_all
from apps.kernel.clock import now
from apps.kernel.errors import Conflict, FieldError, Forbidden, Invalid
from apps.kernel.events import publish
from apps.tenants.features import current_subscription, require_within


def check_new_password(password: str, *, user: User | None = None, field: str = "password") -> None:
    """Raises Invalid with every reason why the password is too weak."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Invalid(
            errors=[FieldError(field, each.code or "invalid", " ".join(each.messages)) for each in error.error_list]
        ) from error


def _make(*, email: str, password: str | None, **fields: Any) -> User:
    if password is not None:
        check_new_password(password, user=User(email=email, name=fields.get("name", "")))
    try:
        with transaction.atomic():
            return User.objects.create_user(email, password, **fields)
    except IntegrityError as error:
        raise Invalid(errors=[FieldError("email", "unique", "Somebody has this address already")]) from error


def _one_more_fits() -> None:
    require_within("users", User.objects.living().filter(is_active=True).count())


@transaction.atomic
def register(*, email: str, password: str, name: str = "") -> User:
    """A stranger makes an account for themselves, without any grant. Raises Forbidden where that is closed."""
    if not current_subscription().registration_open:
        raise Forbidden(
            "Registration is closed here", code="registration_closed", remedy="Ask the owner for an account"
        )
    _one_more_fits()
    user = _make(email=email, password=password, name=name)
    publish(UserRegistered(user_id=user.pk, email=user.email))
    return user


@transaction.atomic
def create_user(
    *,
    by: User,
    email: str,
    name: str = "",
    password: str | None = None,
    role: Role | None = None,
    is_owner: bool = False,
) -> User:
    """Make a person. Without a password they set one by `forgot-password`. Raises Forbidden for a role or
    an ownership that is more than one's own."""
    _one_more_fits()
    _may_hand_out(by, role=role, is_owner=is_owner)
    user = _make(email=email, password=password, name=name, role=role, is_owner=is_owner)
    publish(UserCreated(user_id=user.pk, email=user.email, by=by.pk))
    return user


def _may_hand_out(by: User, *, role: Role | None, is_owner: bool = False) -> None:
    if by.is_owner:
        return
    if is_owner or (role is not None and not set(role.capabilities) <= access.capabilities_of(by)):
        raise Forbidden("You cannot give more than you may yourself", remedy="Ask the owner of the subscription")


@transaction.atomic
def change_user(*, user: User, by: User, changes: Mapping[str, Any]) -> User:
    """Change name, email, role, is_owner, is_active or password. Raises Forbidden as `create_user`, and
    Conflict `last_owner` when nobody would be left who may do everything."""
    user = User.objects.select_for_update(of=("self",)).select_related("role").get(pk=user.pk)
    if user.is_owner and not by.is_owner:
        raise Forbidden("Only an owner changes an owner")
    _may_hand_out(by, role=changes.get("role"), is_owner=bool(changes.get("is_owner")))
    changed = [name for name in ("name", "email", "role", "is_owner", "is_active") if name in changes]
    was_active = user.is_active
    for name in changed:
        setattr(user, name, changes[name])
    if "password" in changes:
        check_new_password(changes["password"], user=user)
        user.set_password(changes["password"])
    if not was_active and user.is_active:
        _one_more_fits()
    _save(user)
    if not (user.is_owner and user.is_active):
        _somebody_owns_it()
    if "password" in changes or (was_active and not user.is_active):
        revoke_all(user=user, reason="password" if "password" in changes else "disabled", by=by)
    publish(UserChanged(user_id=user.pk, by=by.pk, fields=(*changed, *(["password"] if "password" in changes else []))))
    if was_active != user.is_active:
        publish((UserEnabled if user.is_active else UserDisabled)(user_id=user.pk, by=by.pk))
    return user


def _save(user: User) -> None:
    user.clean()
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError as error:
        raise Invalid(errors=[FieldError("email", "unique", "Somebody has this address already")]) from error


def _somebody_owns_it() -> None:
    if not User.objects.living().filter(is_owner=True, is_active=True).exists():
        raise Conflict("There must be an owner", code="last_owner", remedy="Make somebody else an owner first")


@transaction.atomic
def delete_user(*, user: User, by: User, hard: bool = False) -> None:
    """Remove a person: their sign-ins and keys end, their work stays. Hard removal, by an owner, forgets
    them altogether. Raises Conflict for oneself, the last owner, and for one whom kept work still names."""
    identity = user.pk
    if identity == by.pk:
        raise Conflict("You cannot remove yourself", code="own_account")
    if user.is_owner and not by.is_owner:
        raise Forbidden("Only an owner removes an owner")
    if hard and not by.is_owner:
        raise Forbidden("Only an owner removes people for good")
    if hard:
        try:
            with transaction.atomic():
                user.delete()
        except ProtectedError as error:
            raise Conflict("Work that is kept still names this person", code="still_named") from error
    else:
        User.objects.filter(pk=user.pk).update(is_active=False, deleted_at=now(), updated_at=now())
        ApiKey.objects.filter(user=user).delete()
        revoke_all(user=user, reason="disabled", by=by)
    _somebody_owns_it()
    publish(UserDisabled(user_id=identity, by=by.pk))

"""Finding people and groups by what others call them."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Q, QuerySet

from apps.accounts.models import Group, User
from apps.accounts.models.user import normal_email


def people_called(name: str) -> QuerySet[User]:
    """The living, active person with that id or e-mail address: one or nobody."""
    identity = _identity(name)
    same = Q(email=normal_email(name)) if identity is None else Q(pk=identity)
    return User.objects.living().filter(same, is_active=True)


def groups_called(name: str) -> QuerySet[Group]:
    """The group with that id or name: one or none."""
    identity = _identity(name)
    return Group.objects.filter(Q(name=name) if identity is None else Q(pk=identity))


def unknown_names(names: Sequence[str]) -> list[str]:
    """Those of the names that neither a person nor a group bears."""
    return [name for name in names if not people_called(name).exists() and not groups_called(name).exists()]


def _identity(name: str) -> UUID | None:
    try:
        return UUID(name)
    except ValueError:
        return None

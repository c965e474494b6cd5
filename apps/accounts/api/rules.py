"""Rules about people, groups, grants and keys: what one may not read is 404, what one may only read 403."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from rest_framework.request import Request

from apps.accounts import access, selectors
from apps.accounts.models import ApiKey, Group, GroupGrant, Role, User, UserGrant
from apps.kernel.api.rules import require_signed_in
from apps.kernel.errors import Forbidden, NotFound

__all__ = ["AnyCapability", "OnGrant", "OnGroup", "OnOwnKey", "OnRole", "OnUser", "not_by_key", "require_grantor"]


@dataclass(frozen=True, slots=True)
class AnyCapability:
    """Those whose role carries one of the capabilities."""

    names: tuple[str, ...]
    public: bool = False

    def check(self, view: Any, request: Request) -> None:  # noqa: ARG002
        viewer: User = require_signed_in(request)
        if not any(access.may(viewer, name) for name in self.names):
            access.require(viewer, self.names[0])


@dataclass(frozen=True, slots=True)
class OnUser:
    """A person reads themselves; `users.manage` reads and, with `manage`, changes everybody."""

    manage: bool = False
    public: bool = False

    def check(self, view: Any, request: Request) -> None:
        viewer: User = require_signed_in(request)
        id: UUID = view.kwargs["id"]
        manager = access.may(viewer, "users.manage")
        found = User.objects.living().select_related("role").filter(pk=id).first()
        if found is None or not (manager or found.pk == viewer.pk):
            raise NotFound(f"There is no person {id}")
        if self.manage and not manager:
            access.require(viewer, "users.manage")
        view.object = found


@dataclass(frozen=True, slots=True)
class OnGroup:
    """Members read their group; `groups.manage` reads and, with `manage`, changes all."""

    manage: bool = False
    public: bool = False

    def check(self, view: Any, request: Request) -> None:
        viewer: User = require_signed_in(request)
        id: UUID = view.kwargs["id"]
        manager = access.may(viewer, "groups.manage")
        groups = Group.objects.filter(pk=id)
        found = (groups if manager else groups.filter(memberships__user=viewer)).first()
        if found is None:
            raise NotFound(f"There is no group {id}")
        if self.manage and not manager:
            access.require(viewer, "groups.manage")
        view.object = found


@dataclass(frozen=True, slots=True)
class OnRole:
    """Whoever manages roles, people or groups reads them; `roles.manage` changes."""

    manage: bool = False
    public: bool = False

    def check(self, view: Any, request: Request) -> None:
        viewer: User = require_signed_in(request)
        id: UUID = view.kwargs["id"]
        reader = any(access.may(viewer, name) for name in ("roles.manage", "users.manage", "groups.manage"))
        found = Role.objects.filter(pk=id).first() if reader else None
        if found is None:
            raise NotFound(f"There is no role {id}")
        if self.manage:
            access.require(viewer, "roles.manage")
        view.object = found


@dataclass(frozen=True, slots=True)
class OnOwnKey:
    """A person's own API key."""

    public: bool = False

    def check(self, view: Any, request: Request) -> None:
        viewer: User = require_signed_in(request)
        found = ApiKey.objects.filter(pk=view.kwargs["id"], user=viewer).first()
        if found is None:
            raise NotFound(f"There is no API key {view.kwargs['id']}")
        view.object = found


@dataclass(frozen=True, slots=True)
class OnGrant:
    """Who may read the object sees the grant; who holds admin on it, or `permissions.manage`, takes it back."""

    public: bool = False

    def check(self, view: Any, request: Request) -> None:
        viewer: User = require_signed_in(request)
        id: UUID = view.kwargs["id"]
        found = (
            UserGrant.objects.select_related("permission").filter(pk=id).first()
            or GroupGrant.objects.select_related("permission").filter(pk=id).first()
        )
        if found is None:
            raise NotFound(f"There is no permission {id}")
        kind_name = found.permission.codename.partition("_")[2]
        try:
            obj = access.get_visible(viewer, kind_name, UUID(found.object_pk))
        except NotFound as error:
            raise NotFound(f"There is no permission {id}") from error
        require_grantor(viewer, obj)
        view.object = found


def require_grantor(viewer: User, obj: Any) -> None:
    """Raises Forbidden unless the viewer may grant on an object that they can read."""
    if not selectors.may_grant(viewer, obj):
        raise Forbidden("You need the permission admin on this object", remedy="Ask somebody who holds it")


def not_by_key(request: Request) -> None:
    """What concerns the person themselves needs the person: a key that could make keys, or change the
    password, would outlive its own end. Raises Forbidden."""
    if isinstance(request.auth, ApiKey):
        raise Forbidden("An API key cannot do that", remedy="Sign in with a password")

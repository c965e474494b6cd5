"""The base of the endpoints on tenants' hosts, with the rules about objects and capabilities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rest_framework.request import Request

from apps.accounts import access
from apps.accounts.access import Level
from apps.accounts.models import User
from apps.kernel.api.base import RuledAPIView
from apps.kernel.api.rules import Public, Rule, SignedIn, require_signed_in

__all__ = ["Capability", "OnObject", "Public", "Rule", "SignedIn", "TenantAPIView"]


@dataclass(frozen=True, slots=True)
class OnObject:
    """Those who hold the level on the object that the path names; it is left in `view.object`."""

    kind: str
    level: Level = Level.READ
    kwarg: str = "id"
    include_deleted: bool = False
    public: bool = False

    def check(self, view: Any, request: Request) -> None:
        viewer: User = require_signed_in(request)
        view.object = access.get_visible(
            viewer, self.kind, view.kwargs[self.kwarg], self.level, include_deleted=self.include_deleted
        )


@dataclass(frozen=True, slots=True)
class Capability:
    """Those whose role carries the capability."""

    name: str
    public: bool = False

    def check(self, view: Any, request: Request) -> None:  # noqa: ARG002
        viewer: User = require_signed_in(request)
        access.require(viewer, self.name)


class TenantAPIView(RuledAPIView):
    """An endpoint of a tenant. `self.viewer` is who asks, `self.object` what an `OnObject` rule found."""

    object: Any

    @property
    def viewer(self) -> User:
        user: User = super().viewer
        return user

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        with access.remembering_grants():
            return super().dispatch(request, *args, **kwargs)

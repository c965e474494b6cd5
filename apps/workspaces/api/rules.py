"""The rule of deleting: write for a while, admin for good, which also reaches what was deleted already."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from apps.accounts import access
from apps.accounts.access import Level
from apps.accounts.api.base import OnObject
from apps.kernel.api.rules import require_signed_in
from apps.kernel.errors import FieldError, Invalid

HARD = OpenApiParameter("hard", OpenApiTypes.BOOL, description="Delete for good, with all below it; needs admin")


@dataclass(frozen=True, slots=True)
class OnDeletion(OnObject):
    level: Level = Level.WRITE

    def check(self, view: Any, request: Request) -> None:
        require_signed_in(request)
        hard = wants_hard(request)
        view.object = access.get_visible(
            view.viewer,
            self.kind,
            view.kwargs[self.kwarg],
            Level.ADMIN if hard else self.level,
            include_deleted=hard,
        )


@dataclass(frozen=True, slots=True)
class OnRestoration(OnObject):
    """Write on something deleted; what is still in use is found as well."""

    level: Level = Level.WRITE
    include_deleted: bool = True


def wants_hard(request: Request) -> bool:
    """Whether `?hard=` says true. Raises Invalid for anything that is no boolean."""
    value = request.query_params.get("hard", "false").lower()
    if value not in ("true", "1", "false", "0"):
        raise Invalid(errors=[FieldError("hard", "invalid", "must be true or false")])
    return value in ("true", "1")

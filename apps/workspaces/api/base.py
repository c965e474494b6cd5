"""What the views of all resources share: deleting, restoring, naming the parent in a body."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts import access
from apps.accounts.api.base import TenantAPIView
from apps.workspaces.api.rules import HARD, wants_hard
from apps.workspaces.services import deletion

View = TypeVar("View", bound=Callable[..., Response])


def workspace_of(obj: Any) -> UUID:
    """The workspace that an object of the hierarchy lies in."""
    *_, (_, workspace_id) = access.kind_of(obj).ancestors(obj)
    return workspace_id


class DeletesResource(TenantAPIView):
    """DELETE of a resource. Declare `OnDeletion(kind)` in `rules`."""

    rules: ClassVar = {}
    kind: ClassVar[str]

    def destroy(self, request: Request) -> Response:
        verb = deletion.purge if wants_hard(request) else deletion.delete
        verb(self.object, object_type=self.kind, workspace_id=workspace_of(self.object), by=self.viewer)
        return Response(status=204)


def documents_delete(tag: str) -> Callable[[View], View]:
    """`extend_schema` of a DELETE."""
    documented: Callable[[View], View] = extend_schema(parameters=[HARD], responses={204: None}, tags=[tag])
    return documented

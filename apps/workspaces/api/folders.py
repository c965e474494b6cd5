"""Folders."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts import access
from apps.accounts.access import Level
from apps.accounts.api.base import OnObject, Rule, TenantAPIView
from apps.accounts.models import User
from apps.kernel.api.documents import list_schema
from apps.kernel.errors import FieldError, Invalid
from apps.workspaces import selectors
from apps.workspaces.api.base import DeletesResource, documents_delete
from apps.workspaces.api.rules import OnDeletion, OnRestoration
from apps.workspaces.api.serializers import (
    FolderCreateSerializer,
    FolderMoveSerializer,
    FolderSerializer,
    FolderWriteSerializer,
)
from apps.workspaces.services import folders, restoring
from apps.workspaces.services.placing import named_in_body

LISTING: dict[str, Any] = {
    "filters": {"name": "name", "parent_id": "parent_id", "top": "parent__isnull"},
    "search": ("name", "description"),
    "ordering": ("name", "created_at", "updated_at"),
}
TYPES = {"parent_id": OpenApiTypes.UUID, "top": OpenApiTypes.BOOL}


def _named(viewer: User, kind: str, id: UUID) -> Any:
    return named_in_body(viewer, kind, id, field="parent_id")


class FoldersView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"get": OnObject("workspace"), "post": OnObject("workspace", Level.WRITE)}

    @list_schema(FolderSerializer, tags=["folders"], filter_types=TYPES, **LISTING)
    def get(self, request: Request, **_: Any) -> Response:  # noqa: ARG002
        found = selectors.folders_in(self.viewer, self.object)
        return self.list_response(found, FolderSerializer, default_ordering="name", **LISTING)

    @extend_schema(request=FolderCreateSerializer, responses={201: FolderSerializer}, tags=["folders"])
    def post(self, request: Request, **_: Any) -> Response:
        body = FolderCreateSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        said = dict(body.validated_data)
        parent_id = said.pop("parent_id", None)
        parent = _named(self.viewer, "folder", parent_id) if parent_id else None
        if parent is not None and parent.workspace_id != self.object.pk:
            message = "This folder lies in another workspace"
            raise Invalid(errors=[FieldError("parent_id", "not_found", message)])
        folder = folders.create_folder(workspace=self.object, by=self.viewer, parent=parent, **said)
        return Response(FolderSerializer(folder).data, status=201)


class FolderView(DeletesResource):
    kind = "folder"
    rules: ClassVar[dict[str, Rule]] = {
        "get": OnObject("folder"),
        "patch": OnObject("folder", Level.WRITE),
        "delete": OnDeletion("folder"),
    }

    @extend_schema(responses={200: FolderSerializer}, tags=["folders"])
    def get(self, request: Request, **_: Any) -> Response:  # noqa: ARG002
        return Response(FolderSerializer(self.object).data)

    @extend_schema(request=FolderWriteSerializer, responses={200: FolderSerializer}, tags=["folders"])
    def patch(self, request: Request, **_: Any) -> Response:
        body = FolderWriteSerializer(data=request.data, partial=True)
        body.is_valid(raise_exception=True)
        folder = folders.change_folder(folder=self.object, by=self.viewer, changes=body.validated_data)
        return Response(FolderSerializer(folder).data)

    @documents_delete("folders")
    def delete(self, request: Request, **_: Any) -> Response:
        return self.destroy(request)


class FolderRestoreView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"post": OnRestoration("folder")}

    @extend_schema(request=None, responses={200: FolderSerializer}, tags=["folders"])
    def post(self, request: Request, **_: Any) -> Response:  # noqa: ARG002
        return Response(FolderSerializer(restoring.restore_folder(folder=self.object, by=self.viewer)).data)


class FolderMoveView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"post": OnObject("folder", Level.WRITE)}

    @extend_schema(request=FolderMoveSerializer, responses={200: FolderSerializer}, tags=["folders"])
    def post(self, request: Request, **_: Any) -> Response:
        body = FolderMoveSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        to = self._target(body.validated_data["parent_id"])
        return Response(FolderSerializer(folders.move_folder(folder=self.object, to=to, by=self.viewer)).data)

    def _target(self, parent_id: UUID | None) -> Any:
        if parent_id is None or parent_id == self.object.workspace_id:
            # Who sees the folder alone does not see its workspace: then there is no top to move it to.
            return _named(self.viewer, "workspace", self.object.workspace_id)
        for kind in ("folder", "workspace"):
            if access.visible(self.viewer, kind).filter(pk=parent_id).exists():
                return _named(self.viewer, kind, parent_id)
        raise Invalid(errors=[FieldError("parent_id", "not_found", f"There is no folder or workspace {parent_id}")])

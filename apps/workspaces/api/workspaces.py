"""Workspaces."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.access import Level
from apps.accounts.api.base import Capability, OnObject, Rule, SignedIn, TenantAPIView
from apps.kernel.api.documents import list_schema
from apps.workspaces import selectors
from apps.workspaces.api.base import DeletesResource, documents_delete
from apps.workspaces.api.rules import OnDeletion, OnRestoration
from apps.workspaces.api.serializers import WorkspaceSerializer, WorkspaceWriteSerializer
from apps.workspaces.services import restoring, workspaces

LISTING: dict[str, Any] = {
    "filters": {"name": "name"},
    "search": ("name", "description"),
    "ordering": ("name", "created_at", "updated_at"),
}


class WorkspacesView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"get": SignedIn(), "post": Capability("workspaces.create")}

    @list_schema(WorkspaceSerializer, tags=["workspaces"], **LISTING)
    def get(self, request: Request) -> Response:  # noqa: ARG002
        found = selectors.workspaces(self.viewer)
        return self.list_response(found, WorkspaceSerializer, default_ordering="name", **LISTING)

    @extend_schema(request=WorkspaceWriteSerializer, responses={201: WorkspaceSerializer}, tags=["workspaces"])
    def post(self, request: Request) -> Response:
        body = WorkspaceWriteSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        workspace = workspaces.create_workspace(by=self.viewer, **body.validated_data)
        return Response(WorkspaceSerializer(workspace).data, status=201)


class WorkspaceView(DeletesResource):
    kind = "workspace"
    rules: ClassVar[dict[str, Rule]] = {
        "get": OnObject("workspace"),
        "patch": OnObject("workspace", Level.WRITE),
        "delete": OnDeletion("workspace"),
    }

    @extend_schema(responses={200: WorkspaceSerializer}, tags=["workspaces"])
    def get(self, request: Request, **_: Any) -> Response:  # noqa: ARG002
        return Response(WorkspaceSerializer(self.object).data)

    @extend_schema(request=WorkspaceWriteSerializer, responses={200: WorkspaceSerializer}, tags=["workspaces"])
    def patch(self, request: Request, **_: Any) -> Response:
        body = WorkspaceWriteSerializer(data=request.data, partial=True)
        body.is_valid(raise_exception=True)
        workspace = workspaces.change_workspace(workspace=self.object, by=self.viewer, changes=body.validated_data)
        return Response(WorkspaceSerializer(workspace).data)

    @documents_delete("workspaces")
    def delete(self, request: Request, **_: Any) -> Response:
        return self.destroy(request)


class WorkspaceRestoreView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"post": OnRestoration("workspace")}

    @extend_schema(request=None, responses={200: WorkspaceSerializer}, tags=["workspaces"])
    def post(self, request: Request, **_: Any) -> Response:  # noqa: ARG002
        workspace = restoring.restore_workspace(workspace=self.object, by=self.viewer)
        return Response(WorkspaceSerializer(workspace).data)

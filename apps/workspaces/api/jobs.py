"""Jobs."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.access import Level
from apps.accounts.api.base import OnObject, Rule, TenantAPIView
from apps.kernel.api.documents import list_schema
from apps.workspaces import selectors
from apps.workspaces.api.base import DeletesResource, documents_delete
from apps.workspaces.api.fields import MoveSerializer
from apps.workspaces.api.rules import OnDeletion, OnRestoration
from apps.workspaces.api.serializers import JobSerializer, JobWriteSerializer
from apps.workspaces.services import jobs, restoring
from apps.workspaces.services.placing import named_in_body

LISTING: dict[str, Any] = {
    "filters": {"name": "name"},
    "search": ("name", "description"),
    "ordering": ("name", "created_at", "updated_at"),
}


class JobsView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"get": OnObject("folder"), "post": OnObject("folder", Level.WRITE)}

    @list_schema(JobSerializer, tags=["jobs"], **LISTING)
    def get(self, request: Request, **_: Any) -> Response:  # noqa: ARG002
        found = selectors.jobs_in(self.viewer, self.object)
        return self.list_response(found, JobSerializer, default_ordering="name", **LISTING)

    @extend_schema(request=JobWriteSerializer, responses={201: JobSerializer}, tags=["jobs"])
    def post(self, request: Request, **_: Any) -> Response:
        body = JobWriteSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        job = jobs.create_job(folder=self.object, by=self.viewer, **body.validated_data)
        return Response(JobSerializer(job).data, status=201)


class JobView(DeletesResource):
    kind = "job"
    rules: ClassVar[dict[str, Rule]] = {
        "get": OnObject("job"),
        "patch": OnObject("job", Level.WRITE),
        "delete": OnDeletion("job"),
    }

    @extend_schema(responses={200: JobSerializer}, tags=["jobs"])
    def get(self, request: Request, **_: Any) -> Response:  # noqa: ARG002
        return Response(JobSerializer(self.object).data)

    @extend_schema(request=JobWriteSerializer, responses={200: JobSerializer}, tags=["jobs"])
    def patch(self, request: Request, **_: Any) -> Response:
        body = JobWriteSerializer(data=request.data, partial=True)
        body.is_valid(raise_exception=True)
        job = jobs.change_job(job=self.object, by=self.viewer, changes=body.validated_data)
        return Response(JobSerializer(job).data)

    @documents_delete("jobs")
    def delete(self, request: Request, **_: Any) -> Response:
        return self.destroy(request)


class JobRestoreView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"post": OnRestoration("job")}

    @extend_schema(request=None, responses={200: JobSerializer}, tags=["jobs"])
    def post(self, request: Request, **_: Any) -> Response:  # noqa: ARG002
        return Response(JobSerializer(restoring.restore_job(job=self.object, by=self.viewer)).data)


class JobMoveView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"post": OnObject("job", Level.WRITE)}

    @extend_schema(request=MoveSerializer, responses={200: JobSerializer}, tags=["jobs"])
    def post(self, request: Request, **_: Any) -> Response:
        body = MoveSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        folder = named_in_body(self.viewer, "folder", body.validated_data["parent_id"], field="parent_id")
        return Response(JobSerializer(jobs.move_job(job=self.object, to=folder, by=self.viewer)).data)

"""Workflows: lists, one, and its ways around."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.access import Level
from apps.accounts.api.base import OnObject, Rule, SignedIn, TenantAPIView
from apps.kernel.api.documents import list_schema
from apps.kernel.errors import FieldError, Invalid
from apps.workflows import selectors
from apps.workflows.api import filters
from apps.workflows.api.serializers import (
    SavedWorkflowSerializer,
    WorkflowCopySerializer,
    WorkflowCreateSerializer,
    WorkflowPatchSerializer,
    WorkflowSerializer,
    WorkflowSummarySerializer,
    saved_body,
    workflow_body,
)
from apps.workflows.services import placing, saving
from apps.workspaces.api.base import DeletesResource, documents_delete
from apps.workspaces.api.fields import MoveSerializer
from apps.workspaces.api.rules import OnDeletion, OnRestoration
from apps.workspaces.services.placing import named_in_body

TAGS = ["workflows"]
LISTED: dict[str, Any] = {"filters": filters.EVERYWHERE, "search": filters.SEARCH, "ordering": filters.ORDERING}
LISTED_IN_JOB: dict[str, Any] = {**LISTED, "filters": filters.IN_JOB, "ordering": filters.ORDERING_IN_JOB}
IF_MATCH = OpenApiParameter(
    "If-Match",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description='The ETag that was read, like "7": another way of giving `version`',
)


def _etag(version: int) -> dict[str, str]:
    return {"ETag": f'"{version}"'}


def _version_of(etag: str | None) -> int | None:
    """The version that an If-Match header names; None without one and for `*`."""
    if etag is None or etag.strip() == "*":
        return None
    number = etag.strip().removeprefix("W/").strip('"')
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        raise Invalid(errors=[FieldError("If-Match", "invalid", 'must be an ETag of this workflow, like "7"')])
    return int(number)


class WorkflowsView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"get": SignedIn()}

    @list_schema(WorkflowSummarySerializer, tags=TAGS, filter_types=filters.TYPES, **LISTED)
    def get(self, request: Request) -> Response:  # noqa: ARG002
        """Workflows of all workspaces."""
        found = selectors.workflows(self.viewer)
        return self.list_response(found, WorkflowSummarySerializer, default_ordering="name", **LISTED)


class JobWorkflowsView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"get": OnObject("job"), "post": OnObject("job", Level.WRITE)}

    @list_schema(WorkflowSummarySerializer, tags=TAGS, filter_types=filters.TYPES, **LISTED_IN_JOB)
    def get(self, request: Request, **_: Any) -> Response:  # noqa: ARG002
        """Workflows of a job; `ordering=place,created_at` is the order in which it runs them."""
        found = selectors.with_places(selectors.workflows_in(self.viewer, self.object), self.object)
        return self.list_response(found, WorkflowSummarySerializer, default_ordering="name", **LISTED_IN_JOB)

    @extend_schema(request=WorkflowCreateSerializer, responses={201: SavedWorkflowSerializer}, tags=TAGS)
    def post(self, request: Request, **_: Any) -> Response:
        body = WorkflowCreateSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        said = dict(body.validated_data)
        diagram = said.pop("workflow_diagram")
        saved = saving.create_workflow(job=self.object, by=self.viewer, diagram=diagram, **said)
        return Response(saved_body(saved), status=201, headers=_etag(saved.version.number))


class WorkflowView(DeletesResource):
    kind = "workflow"
    rules: ClassVar[dict[str, Rule]] = {
        "get": OnObject("workflow"),
        "patch": OnObject("workflow", Level.WRITE),
        "delete": OnDeletion("workflow"),
    }

    @extend_schema(responses={200: WorkflowSerializer}, tags=TAGS)
    def get(self, request: Request, **_: Any) -> Response:  # noqa: ARG002
        version = selectors.current_version(self.object)
        return Response(workflow_body(self.object, version), headers=_etag(version.number))

    @extend_schema(
        parameters=[IF_MATCH],
        request=WorkflowPatchSerializer,
        responses={200: SavedWorkflowSerializer},
        tags=TAGS,
    )
    def patch(self, request: Request, **_: Any) -> Response:
        body = WorkflowPatchSerializer(data=request.data, partial=True)
        body.is_valid(raise_exception=True)
        changes = dict(body.validated_data)
        expected = _version_of(request.headers.get("If-Match"))
        saved = saving.save_workflow(
            workflow=self.object,
            by=self.viewer,
            diagram=changes.pop("workflow_diagram", None),
            parameters=changes.pop("parameters", None),
            expected_version=changes.pop("version", expected),
            autosave=changes.pop("autosave", False),
            changes=changes,
        )
        return Response(saved_body(saved), headers=_etag(saved.version.number))

    @documents_delete("workflows")
    def delete(self, request: Request, **_: Any) -> Response:
        return self.destroy(request)


class WorkflowRestoreView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"post": OnRestoration("workflow")}

    @extend_schema(request=None, responses={200: WorkflowSerializer}, tags=TAGS)
    def post(self, request: Request, **_: Any) -> Response:  # noqa: ARG002
        workflow = placing.restore_workflow(workflow=self.object, by=self.viewer)
        return Response(workflow_body(workflow, selectors.current_version(workflow)))


class WorkflowMoveView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"post": OnObject("workflow", Level.WRITE)}

    @extend_schema(request=MoveSerializer, responses={200: WorkflowSerializer}, tags=TAGS)
    def post(self, request: Request, **_: Any) -> Response:
        body = MoveSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        job = named_in_body(self.viewer, "job", body.validated_data["parent_id"], field="parent_id")
        workflow = placing.move_workflow(workflow=self.object, to=job, by=self.viewer)
        return Response(workflow_body(workflow, selectors.current_version(workflow)))


class WorkflowDuplicateView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"post": OnObject("workflow")}

    @extend_schema(request=WorkflowCopySerializer, responses={201: SavedWorkflowSerializer}, tags=TAGS)
    def post(self, request: Request, **_: Any) -> Response:
        body = WorkflowCopySerializer(data=request.data)
        body.is_valid(raise_exception=True)
        job_id = body.validated_data.get("job_id", self.object.job_id)
        job = named_in_body(self.viewer, "job", job_id, field="job_id")
        name = body.validated_data.get("name")
        saved = placing.duplicate_workflow(workflow=self.object, to=job, by=self.viewer, name=name)
        return Response(saved_body(saved), status=201, headers=_etag(saved.version.number))

"""Versions of workflows: kept, compared, published, brought back; checking out and in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.access import Level
from apps.accounts.api.base import OnObject, Rule, TenantAPIView
from apps.kernel.api.documents import list_schema
from apps.kernel.api.listing import require_known
from apps.kernel.api.rules import require_signed_in
from apps.kernel.errors import FieldError, Invalid
from apps.workflows import selectors
from apps.workflows.api.fields import JsonObjectField
from apps.workflows.api.serializers import LockSerializer, PersonSerializer, SavedWorkflowSerializer, saved_body
from apps.workflows.core.comparing import compare
from apps.workflows.models import WorkflowVersion
from apps.workflows.services import checkout, versions

TAGS = ["versions"]
LISTED: dict[str, Any] = {"ordering": ("number", "created_at"), "search": ("name", "comment")}


@dataclass(frozen=True, slots=True)
class OnVersion:
    """Those who hold the level on the workflow of the version that the path names."""

    level: Level = Level.READ
    public: bool = False

    def check(self, view: Any, request: Request) -> None:
        require_signed_in(request)
        view.object = selectors.get_version(view.viewer, view.kwargs["id"], self.level)


class VersionSummarySerializer(serializers.Serializer[Any]):
    """A version in lists: without its diagram."""

    id = serializers.UUIDField()
    workflow_id = serializers.UUIDField()
    number = serializers.IntegerField(help_text="Grows with every save; autosaves of one author become one version")
    name = serializers.CharField(allow_blank=True)
    comment = serializers.CharField(allow_blank=True)
    author = PersonSerializer(allow_null=True)
    created_at = serializers.DateTimeField()
    saved_at = serializers.DateTimeField(allow_null=True, help_text="The last of the autosaves that it holds")
    published_at = serializers.DateTimeField(allow_null=True)
    published_by = PersonSerializer(allow_null=True)
    is_current = serializers.SerializerMethodField()

    def get_is_current(self, version: WorkflowVersion) -> bool:
        return version.number == version.workflow.version


class VersionSerializer(VersionSummarySerializer):
    workflow_diagram = JsonObjectField(source="diagram")
    parameters = JsonObjectField()


class VersionNameSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(required=False, allow_blank=True, max_length=200)
    comment = serializers.CharField(required=False, allow_blank=True, max_length=5000)


class VersionCreateSerializer(VersionNameSerializer):
    workflow_diagram = JsonObjectField(required=False)
    parameters = JsonObjectField(required=False)


class CheckOutSerializer(serializers.Serializer[Any]):
    take_over = serializers.BooleanField(
        required=False, default=False, help_text="Even if somebody else holds it; needs admin on the workflow"
    )


class ChangeSerializer(serializers.Serializer[Any]):
    field = serializers.CharField(allow_blank=True, help_text="A path into `data`")
    before = serializers.JSONField(required=False)
    after = serializers.JSONField(required=False)


class ComparedNodeSerializer(serializers.Serializer[Any]):
    node_id = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]


class ChangedNodeSerializer(ComparedNodeSerializer):
    changes = ChangeSerializer(many=True)


class ComparedEdgeSerializer(serializers.Serializer[Any]):
    id = serializers.CharField(allow_null=True)
    source = serializers.CharField()  # type: ignore[assignment]
    source_handle = serializers.CharField()
    target = serializers.CharField()
    target_handle = serializers.CharField()


class ComparedNodesSerializer(serializers.Serializer[Any]):
    added = ComparedNodeSerializer(many=True)
    removed = ComparedNodeSerializer(many=True)
    changed = ChangedNodeSerializer(many=True)
    moved = ComparedNodeSerializer(many=True)


class ComparedEdgesSerializer(serializers.Serializer[Any]):
    added = ComparedEdgeSerializer(many=True)
    removed = ComparedEdgeSerializer(many=True)


class ComparedNamesSerializer(serializers.Serializer[Any]):
    added = serializers.ListField(child=serializers.CharField())
    removed = serializers.ListField(child=serializers.CharField())
    changed = serializers.ListField(child=serializers.CharField())


class DifferenceSerializer(serializers.Serializer[Any]):
    """What changed from this version to the other one."""

    same = serializers.BooleanField()
    nodes = ComparedNodesSerializer()
    edges = ComparedEdgesSerializer()
    parameters = ComparedNamesSerializer()


class DifferenceQuery(serializers.Serializer[Any]):
    against = serializers.UUIDField(required=False)


class WorkflowVersionsView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"get": OnObject("workflow"), "post": OnObject("workflow", Level.WRITE)}

    @list_schema(VersionSummarySerializer, tags=TAGS, **LISTED)
    def get(self, request: Request, **_: Any) -> Response:  # noqa: ARG002
        """The newest first."""
        found = selectors.versions_of(self.object)
        return self.list_response(found, VersionSummarySerializer, default_ordering="-number", **LISTED)

    @extend_schema(request=VersionCreateSerializer, responses={201: VersionSerializer}, tags=TAGS)
    def post(self, request: Request, **_: Any) -> Response:
        """A new version of what is given, else of what is there, with a name."""
        body = VersionCreateSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        said = dict(body.validated_data)
        diagram = said.pop("workflow_diagram", None)
        made = versions.create_version(workflow=self.object, by=self.viewer, diagram=diagram, **said)
        return Response(_body(made), status=201)


class VersionView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"get": OnVersion(), "patch": OnVersion(Level.WRITE)}

    @extend_schema(responses={200: VersionSerializer}, tags=TAGS)
    def get(self, request: Request, **_: Any) -> Response:  # noqa: ARG002
        return Response(_body(self.object))

    @extend_schema(request=VersionNameSerializer, responses={200: VersionSummarySerializer}, tags=TAGS)
    def patch(self, request: Request, **_: Any) -> Response:
        """Name it, or say something about it."""
        body = VersionNameSerializer(data=request.data, partial=True)
        body.is_valid(raise_exception=True)
        named = versions.name_version(version=self.object, by=self.viewer, **body.validated_data)
        return Response(VersionSummarySerializer(named).data)


class VersionDifferenceView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"get": OnVersion()}

    @extend_schema(
        parameters=[
            OpenApiParameter("against", OpenApiTypes.UUID, description="Another version of it; by default the current")
        ],
        responses={200: DifferenceSerializer},
        tags=TAGS,
    )
    def get(self, request: Request, **_: Any) -> Response:
        require_known(request, "against")
        query = DifferenceQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        mine: WorkflowVersion = self.object
        other_id = query.validated_data.get("against")
        other = selectors.current_version(mine.workflow) if other_id is None else self._other(mine, other_id)
        return Response(compare(mine.diagram, other.diagram, (mine.parameters, other.parameters)))

    def _other(self, mine: WorkflowVersion, id: Any) -> WorkflowVersion:
        other = WorkflowVersion.objects.filter(workflow=mine.workflow_id, pk=id).first()
        if other is None:
            raise Invalid(errors=[FieldError("against", "not_found", "the workflow has no such version")])
        return other


class VersionCheckOutView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"post": OnVersion(Level.WRITE)}

    @extend_schema(request=CheckOutSerializer, responses={200: LockSerializer}, tags=TAGS)
    def post(self, request: Request, **_: Any) -> Response:
        """Hold the workflow: nobody else saves it, until it is checked in or the time is over."""
        body = CheckOutSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        lock = versions.check_out_version(version=self.object, by=self.viewer, **body.validated_data)
        return Response(LockSerializer(lock).data)


class VersionCheckInView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"post": OnVersion(Level.WRITE)}

    @extend_schema(request=VersionNameSerializer, responses={200: VersionSummarySerializer}, tags=TAGS)
    def post(self, request: Request, **_: Any) -> Response:
        """Let go of the workflow; answers its current version, named where a name is given."""
        body = VersionNameSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        current = versions.check_in_version(version=self.object, by=self.viewer, **body.validated_data)
        return Response(VersionSummarySerializer(current).data)


class VersionPublishView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"post": OnVersion(Level.WRITE), "delete": OnVersion(Level.WRITE)}

    @extend_schema(request=None, responses={200: VersionSummarySerializer}, tags=TAGS)
    def post(self, request: Request, **_: Any) -> Response:  # noqa: ARG002
        """Let schedules, triggers, hooks and jobs run this version, whatever is saved later."""
        return Response(VersionSummarySerializer(versions.publish_version(version=self.object, by=self.viewer)).data)

    @extend_schema(responses={200: VersionSummarySerializer}, tags=TAGS)
    def delete(self, request: Request, **_: Any) -> Response:  # noqa: ARG002
        """Let them run the current version again."""
        return Response(VersionSummarySerializer(versions.unpublish_version(version=self.object, by=self.viewer)).data)


class VersionRollbackView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"post": OnVersion(Level.WRITE)}

    @extend_schema(request=None, responses={200: SavedWorkflowSerializer}, tags=TAGS)
    def post(self, request: Request, **_: Any) -> Response:  # noqa: ARG002
        """Make its state the current one again, as a new version."""
        return Response(saved_body(versions.roll_back(version=self.object, by=self.viewer)))


class WorkflowLockView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"delete": OnObject("workflow", Level.WRITE)}

    @extend_schema(responses={204: None}, tags=TAGS)
    def delete(self, request: Request, **_: Any) -> Response:  # noqa: ARG002
        """Let go of the workflow, or break another's lock (with admin on it)."""
        checkout.release(workflow=self.object, by=self.viewer)
        return Response(status=204)


def _body(version: WorkflowVersion) -> dict[str, Any]:
    """A VersionSerializer's output; the diagram is handed through as it is."""
    summary = VersionSummarySerializer(version).data
    return {**summary, "workflow_diagram": version.diagram, "parameters": version.parameters}

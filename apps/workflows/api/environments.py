"""Endpoints of environments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.access import Level
from apps.accounts.api.base import OnObject, Rule, TenantAPIView
from apps.kernel.api.documents import list_schema
from apps.kernel.api.rules import require_signed_in
from apps.workflows import environments
from apps.workflows.services.environments import change_environment, create_environment, delete_environment

TAGS = ["environments"]
LIST: dict[str, Any] = {
    "filters": {"name": "name"},
    "search": ["name", "description"],
    "ordering": ["name", "created_at", "updated_at"],
    "default_ordering": "name",
}


@dataclass(frozen=True, slots=True)
class OnEnvironment:
    """Those who hold the level on the workspace of the environment that the path names."""

    level: Level = Level.READ
    public: bool = False

    def check(self, view: Any, request: Request) -> None:
        require_signed_in(request)
        view.object = environments.get_environment(view.viewer, view.kwargs["id"], self.level)


class EnvironmentWriteSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=100)
    description = serializers.CharField(allow_blank=True, required=False, max_length=2000)
    parameters = serializers.DictField(
        child=serializers.JSONField(allow_null=True),
        required=False,
        help_text="Values by name. Not for secrets, which belong into connectors: readers of the workspace see them",
    )
    connectors = serializers.DictField(
        child=serializers.CharField(),
        required=False,
        help_text="Id of the connector in the diagram → id of the one that stands in for it",
    )


class EnvironmentSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    workspace_id = serializers.UUIDField()
    name = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    parameters = serializers.DictField()
    connectors = serializers.DictField(child=serializers.CharField())
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    updated_by = serializers.UUIDField(source="updated_by_id", allow_null=True)


class WorkspaceEnvironmentsView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"get": OnObject("workspace"), "post": OnObject("workspace", Level.WRITE)}

    @list_schema(EnvironmentSerializer, **LIST, tags=TAGS)
    def get(self, request: Request, **_: Any) -> Response:  # noqa: ARG002
        """Named sets of parameters' values and connectors, for runs of the workspace's workflows."""
        return self.list_response(environments.environments_of(self.object), EnvironmentSerializer, **LIST)

    @extend_schema(request=EnvironmentWriteSerializer, responses={201: EnvironmentSerializer}, tags=TAGS)
    def post(self, request: Request, **_: Any) -> Response:
        body = EnvironmentWriteSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        made = create_environment(workspace=self.object, by=self.viewer, **body.validated_data)
        return Response(EnvironmentSerializer(made).data, status=201)


class EnvironmentView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {
        "get": OnEnvironment(),
        "patch": OnEnvironment(Level.WRITE),
        "delete": OnEnvironment(Level.WRITE),
    }

    @extend_schema(responses={200: EnvironmentSerializer}, tags=TAGS)
    def get(self, request: Request, **_: Any) -> Response:  # noqa: ARG002
        return Response(EnvironmentSerializer(self.object).data)

    @extend_schema(request=EnvironmentWriteSerializer, responses={200: EnvironmentSerializer}, tags=TAGS)
    def patch(self, request: Request, **_: Any) -> Response:
        """What is given is replaced: `parameters` and `connectors` as a whole."""
        body = EnvironmentWriteSerializer(data=request.data, partial=True)
        body.is_valid(raise_exception=True)
        changed = change_environment(environment=self.object, by=self.viewer, changes=body.validated_data)
        return Response(EnvironmentSerializer(changed).data)

    @extend_schema(responses={204: None}, tags=TAGS)
    def delete(self, request: Request, **_: Any) -> Response:  # noqa: ARG002
        delete_environment(environment=self.object, by=self.viewer)
        return Response(status=204)

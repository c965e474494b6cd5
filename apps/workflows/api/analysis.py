"""What can be known of a diagram without running it."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api.base import OnObject, Rule, SignedIn, TenantAPIView
from apps.workflows.analysis import analyse_for, analyse_version
from apps.workflows.api.fields import DependencyReportSerializer, SchemaSerializer
from apps.workflows.api.serializers import ValidateSerializer, ValidationSerializer
from apps.workflows.core.dependencies import critical_path, parallel_branches
from apps.workflows.core.outline import outline
from apps.workflows.selectors import current_version

TAGS = ["workflows"]


class ValidateView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"post": SignedIn()}

    @extend_schema(request=ValidateSerializer, responses={200: ValidationSerializer}, tags=TAGS)
    def post(self, request: Request) -> Response:
        """Problems, dependencies, columns and plan of a diagram that is not saved."""
        body = ValidateSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        said = body.validated_data
        analysis = analyse_for(self.viewer, said["workflow_diagram"], said.get("parameters"))
        return Response(
            {
                "problems": [problem.as_json() for problem in analysis.problems],
                "dependencies": analysis.dependencies,
                "schema": {"nodes": analysis.schema},
                "plan": outline(analysis),
            }
        )


class SchemaView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"get": OnObject("workflow")}

    @extend_schema(responses={200: SchemaSerializer}, tags=TAGS)
    def get(self, request: Request, **_: Any) -> Response:  # noqa: ARG002
        """The columns on every edge of the saved diagram."""
        return Response({"nodes": analyse_version(current_version(self.object)).schema})


class DependenciesView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"get": OnObject("workflow")}

    @extend_schema(responses={200: DependencyReportSerializer}, tags=TAGS)
    def get(self, request: Request, **_: Any) -> Response:  # noqa: ARG002
        """What waits for what in the saved diagram: the longest chain, and what may run side by side."""
        analysis = analyse_version(current_version(self.object))
        return Response(
            {
                **analysis.dependencies,
                "critical_path": critical_path(analysis.graph),
                "parallel_branches": parallel_branches(analysis.graph),
            }
        )

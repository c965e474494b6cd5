"""Endpoints of executions: parse, one call, render."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.access import Level
from apps.accounts.api.base import OnObject, Rule, SignedIn, TenantAPIView
from apps.executions import selectors, services
from apps.executions.api.rules import OnExecution
from apps.executions.api.serializers import (
    ExecuteSerializer,
    ExecutionSerializer,
    ExecutionSummarySerializer,
    LogSerializer,
    PrefectLinkSerializer,
    ResumeSerializer,
    RetrySerializer,
    WaitQuery,
)
from apps.executions.models import WorkflowExecution
from apps.executions.services import answering
from apps.kernel.api.documents import list_schema

TAGS = ["executions"]
LIST: dict[str, Any] = {
    "filters": {
        "status": "status",
        "trigger": "trigger",
        "created_after": "created_at__gte",
        "created_before": "created_at__lt",
    },
    "ordering": ["created_at", "started_at", "finished_at", "status"],
    "default_ordering": "-created_at",
}
EVERYWHERE: dict[str, Any] = {
    **LIST,
    "filters": {
        **LIST["filters"],
        "workflow": "workflow_id",
        "job": "workflow__job_id",
        "triggered_by": "triggered_by_id",
        "job_run": "job_run_id",
        "parent": "parent_id",
    },
    "search": ["workflow__name"],
}
LOGS: dict[str, Any] = {"filters": {"node_id": "node_id", "level": "level"}, "search": ["message"], "ordering": ["at"]}


class ExecuteView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"post": OnObject("workflow", Level.EXECUTE)}

    @extend_schema(
        parameters=[WaitQuery],
        request=ExecuteSerializer,
        responses={
            202: ExecutionSerializer,
            200: OpenApiResponse(ExecutionSerializer, description="With `wait`: it is over, and no node answered"),
        },
        tags=TAGS,
    )
    def post(self, request: Request, **_: Any) -> Response:
        """Run the workflow. 422 `workflow_invalid` names the problems that stand in the way.

        With `?wait=seconds`: if the run is over in time, the answer is what its `http_response` node says, status,
        headers and body, or 200 with the execution where there is no such node; else 202 as always.
        """
        query = WaitQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        body = ExecuteSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        execution = services.start_execution(
            viewer=self.viewer,
            workflow=self.object,
            parameters=body.validated_data["parameters"],
            environment=body.validated_data["environment"],
            trigger="api",
        )
        if (seconds := query.validated_data.get("wait")) is not None:
            execution = answering.wait_until_over(execution.pk, seconds=seconds)
            if execution.is_over:
                return _answer(execution)
            return Response(ExecutionSerializer(execution).data, status=202)
        return Response(selectors.body(execution, nodes=()), status=202)


def _answer(execution: WorkflowExecution) -> Response:
    answer = answering.answer_of(execution)
    if answer is None:
        return Response(ExecutionSerializer(execution).data, status=200)
    return Response(answer.body, status=answer.status, headers=dict(answer.headers))


class WorkflowExecutionsView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"get": OnObject("workflow")}

    @list_schema(ExecutionSummarySerializer, **LIST, tags=TAGS)
    def get(self, request: Request, **_: Any) -> Response:  # noqa: ARG002
        """Runs of one workflow, newest first. Previews are not listed."""
        return self.list_response(selectors.executions_of(self.object.pk), ExecutionSummarySerializer, **LIST)


class ExecutionsView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"get": SignedIn()}

    @list_schema(ExecutionSummarySerializer, **EVERYWHERE, tags=TAGS)
    def get(self, request: Request) -> Response:  # noqa: ARG002
        """Runs of all workflows that one may read, newest first."""
        return self.list_response(selectors.visible_executions(self.viewer), ExecutionSummarySerializer, **EVERYWHERE)


class ExecutionView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"get": OnExecution()}

    @extend_schema(responses={200: ExecutionSerializer}, tags=TAGS)
    def get(self, request: Request, **_: Any) -> Response:  # noqa: ARG002
        return Response(ExecutionSerializer(self.object).data)


class CancelView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"post": OnExecution(Level.EXECUTE)}

    @extend_schema(request=None, responses={202: ExecutionSerializer}, tags=TAGS)
    def post(self, request: Request, **_: Any) -> Response:  # noqa: ARG002
        """Stop an execution within two seconds. One that is over is 409 `already_finished`."""
        execution = services.cancel_execution(viewer=self.viewer, execution_id=self.object.pk)
        return Response(ExecutionSerializer(execution).data, status=202)


class PauseView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"post": OnExecution(Level.EXECUTE)}

    @extend_schema(request=None, responses={202: ExecutionSerializer}, tags=TAGS)
    def post(self, request: Request, **_: Any) -> Response:  # noqa: ARG002
        """Pause an execution: what runs finishes, then it waits for `resume` without a worker. One that is over is
        409 `already_finished`."""
        execution = services.pause_execution(viewer=self.viewer, execution_id=self.object.pk)
        return Response(ExecutionSerializer(execution).data, status=202)


class ResumeView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"post": OnExecution(Level.EXECUTE)}

    @extend_schema(request=ResumeSerializer, responses={202: ExecutionSerializer}, tags=TAGS)
    def post(self, request: Request, **_: Any) -> Response:
        """Go on with an execution that is paused, failed or cancelled: every finished stage is reused. With
        `version: latest` it goes on with the newest version, and stages are reused where nothing in or above
        them changed. One that succeeded is 409 `already_finished`, one that is queued or runs 409 `not_paused`."""
        body = ResumeSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        execution = services.resume_execution(
            viewer=self.viewer, execution_id=self.object.pk, version=body.validated_data["version"]
        )
        return Response(ExecutionSerializer(execution).data, status=202)


class RetryView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"post": OnExecution(Level.EXECUTE)}

    @extend_schema(request=RetrySerializer, responses={202: ExecutionSerializer}, tags=TAGS)
    def post(self, request: Request, **_: Any) -> Response:
        """Run an execution that is over again, as a new one with the same parameters. With `from_node` only that
        node and what comes after it run; the rest is taken over. One that is not over is 409 `not_finished`."""
        body = RetrySerializer(data=request.data)
        body.is_valid(raise_exception=True)
        execution = services.retry_execution(viewer=self.viewer, execution_id=self.object.pk, **body.validated_data)
        return Response(ExecutionSerializer(execution).data, status=202)


class LogsView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"get": OnExecution()}

    @list_schema(LogSerializer, **LOGS, tags=TAGS)
    def get(self, request: Request, **_: Any) -> Response:  # noqa: ARG002
        """What the execution said, oldest first."""
        return self.list_response(selectors.logs_of(self.object), LogSerializer, **LOGS)


class PrefectView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"get": OnExecution()}

    @extend_schema(
        responses={200: OpenApiResponse(PrefectLinkSerializer, description="Where Prefect shows the run")}, tags=TAGS
    )
    def get(self, request: Request, **_: Any) -> Response:  # noqa: ARG002
        return Response(selectors.prefect_link(self.object))

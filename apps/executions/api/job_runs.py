"""Endpoints of job runs: parse, one call, render."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.access import Level
from apps.accounts.api.base import OnObject, Rule, SignedIn, TenantAPIView
from apps.executions import selectors, services
from apps.executions.api.rules import OnJobRun
from apps.executions.api.serializers import ErrorSerializer
from apps.executions.core.job_runs import JobRunStatus, StepStatus
from apps.executions.models import JobRun
from apps.kernel.api.documents import list_schema
from apps.workspaces.api.serializers import MODES, ON_FAILURE

TAGS = ["job runs"]
LIST: dict[str, Any] = {
    "filters": {
        "status": "status",
        "trigger": "trigger",
        "job": "job_id",
        "job_package": "job_package_id",
        "parent": "parent_id",
        "top": "parent__isnull",
        "parent_execution": "parent_execution_id",
        "created_after": "created_at__gte",
        "created_before": "created_at__lt",
    },
    "search": ["job__name", "job_package__name"],
    "ordering": ["created_at", "started_at", "finished_at", "status"],
    "default_ordering": "-created_at",
}


class JobExecuteSerializer(serializers.Serializer[Any]):
    parameters = serializers.DictField(child=serializers.JSONField(allow_null=True), required=False, default=dict)
    mode = serializers.ChoiceField(MODES, required=False, help_text="Instead of the job's or package's own")
    on_failure = serializers.ChoiceField(ON_FAILURE, required=False, help_text="Instead of its own")
    environment = serializers.CharField(
        required=False,
        allow_null=True,
        max_length=100,
        help_text="Name or id of an environment of the workspace; `parameters` go before its values",
    )


class JobRunStepSerializer(serializers.Serializer[Any]):
    position = serializers.IntegerField()
    status = serializers.ChoiceField([each.value for each in StepStatus])
    workflow_id = serializers.UUIDField(allow_null=True)
    job_id = serializers.UUIDField(allow_null=True)
    name = serializers.SerializerMethodField()
    execution_id = serializers.UUIDField(allow_null=True)
    job_run_id = serializers.UUIDField(source="child_id", allow_null=True)
    error = ErrorSerializer(allow_null=True)

    def get_name(self, step: Any) -> str | None:
        what = step.workflow or step.job
        return None if what is None else str(what.name)


class JobRunSummarySerializer(serializers.Serializer[Any]):
    """A job run without its steps, as in lists."""

    id = serializers.UUIDField()
    job_id = serializers.UUIDField(allow_null=True)
    job_package_id = serializers.UUIDField(allow_null=True)
    parent_id = serializers.UUIDField(allow_null=True, help_text="The run of the package that started it")
    parent_execution_id = serializers.UUIDField(allow_null=True, help_text="The execution whose node started it")
    status = serializers.ChoiceField([each.value for each in JobRunStatus])
    mode = serializers.ChoiceField(MODES)
    on_failure = serializers.ChoiceField(ON_FAILURE)
    parameters = serializers.DictField()
    environment = serializers.CharField(allow_null=True)
    trigger = serializers.CharField()
    triggered_by = serializers.UUIDField(source="triggered_by_id", allow_null=True)
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    cancel_requested_at = serializers.DateTimeField(allow_null=True)
    error = ErrorSerializer(allow_null=True)


class JobRunSerializer(JobRunSummarySerializer):
    steps = serializers.SerializerMethodField()

    @extend_schema_field(JobRunStepSerializer(many=True))
    def get_steps(self, run: JobRun) -> list[dict[str, Any]]:
        steps = run.steps.select_related("workflow", "job").order_by("position")
        return list(JobRunStepSerializer(steps, many=True).data)


def _said(request: Request) -> dict[str, Any]:
    body = JobExecuteSerializer(data=request.data)
    body.is_valid(raise_exception=True)
    return dict(body.validated_data)


class JobExecuteView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"post": OnObject("job", Level.EXECUTE)}

    @extend_schema(request=JobExecuteSerializer, responses={202: JobRunSerializer}, tags=TAGS)
    def post(self, request: Request, **_: Any) -> Response:
        """Run every workflow of the job, one execution each. 422 `nothing_to_run` for an empty job."""
        run = services.start_job_run(job=self.object, by=self.viewer, trigger="api", **_said(request))
        return Response(JobRunSerializer(run).data, status=202)


class PackageExecuteView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"post": OnObject("job_package", Level.EXECUTE)}

    @extend_schema(request=JobExecuteSerializer, responses={202: JobRunSerializer}, tags=TAGS)
    def post(self, request: Request, **_: Any) -> Response:
        """Run every job of the package, a job run each. 422 `nothing_to_run` for an empty package."""
        run = services.start_package_run(package=self.object, by=self.viewer, trigger="api", **_said(request))
        return Response(JobRunSerializer(run).data, status=202)


class JobRunsView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"get": SignedIn()}

    @list_schema(JobRunSummarySerializer, **LIST, tags=TAGS)
    def get(self, request: Request) -> Response:  # noqa: ARG002
        """Runs of all jobs and packages that one may read, newest first; `top=true` leaves out those that are
        steps of a package's run."""
        return self.list_response(selectors.visible_job_runs(self.viewer), JobRunSummarySerializer, **LIST)


class JobRunView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"get": OnJobRun()}

    @extend_schema(responses={200: JobRunSerializer}, tags=TAGS)
    def get(self, request: Request, **_: Any) -> Response:  # noqa: ARG002
        return Response(JobRunSerializer(self.object).data)


class JobRunCancelView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"post": OnJobRun(Level.EXECUTE)}

    @extend_schema(request=None, responses={202: JobRunSerializer}, tags=TAGS)
    def post(self, request: Request, **_: Any) -> Response:  # noqa: ARG002
        """Stop the run and all that it started. One that is over is 409 `already_finished`."""
        run = services.cancel_job_run(run_id=self.object.pk, by=self.viewer)
        return Response(JobRunSerializer(run).data, status=202)

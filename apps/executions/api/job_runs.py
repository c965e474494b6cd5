"""Endpoints of job runs: parse, one call, render."""

from __future__ import annotations

from typing import Any, ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.access import Level
from apps.accounts.api.base import OnObject, Rule, SignedIn, TenantAPIView
from apps.executions import selectors, services
from apps.executions.api.rules import OnJobRun
from apps.executions.api.serializers import ErrorSerializer
from apps.executions.bodies import moment
from apps.executions.core.job_runs import JobRunStatus, StepStatus
from apps.executions.models import JobRun, JobRunStep
from apps.kernel.api.documents import list_schema
from apps.workspaces.api.serializers import MODES, ON_FAILURE

TAGS = ["job runs"]
MOST_DAYS = 100
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
    started_at = serializers.SerializerMethodField()
    finished_at = serializers.SerializerMethodField()
    waiting_for = serializers.CharField(
        source="execution.waiting_for", allow_null=True, default=None, help_text="What its execution waits for, if so"
    )
    error = ErrorSerializer(allow_null=True)

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_started_at(self, step: JobRunStep) -> str | None:
        return _moment_of(step, "started_at")

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_finished_at(self, step: JobRunStep) -> str | None:
        return _moment_of(step, "finished_at")

    def get_name(self, step: Any) -> str | None:
        what = step.workflow or step.job
        return None if what is None else str(what.name)


def _moment_of(step: JobRunStep, name: str) -> str | None:
    what = step.execution or step.child
    return None if what is None else moment(getattr(what, name))


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
        return list(JobRunStepSerializer(selectors.steps_of(run), many=True).data)


class CalendarQuery(serializers.Serializer[Any]):
    first = serializers.DateField()
    last = serializers.DateField(help_text=f"Included; at most {MOST_DAYS} days in all")
    timezone = serializers.CharField(default="UTC", max_length=64, help_text="Whose days: like Europe/Zurich")

    def validate_timezone(self, value: str) -> ZoneInfo:
        try:
            return ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: a folder of zones, like "Europe"
            raise serializers.ValidationError(f"There is no time zone {value!r}") from None

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        days = (attrs["last"] - attrs["first"]).days
        if not 0 <= days < MOST_DAYS or not 1970 < attrs["first"].year < 2200:
            raise serializers.ValidationError({"last": f"Ask for 1 to {MOST_DAYS} days"})
        return attrs


class CalendarDaySerializer(serializers.Serializer[Any]):
    day = serializers.DateField()

    def get_fields(self) -> dict[str, Any]:
        counts = {name: serializers.IntegerField(min_value=0) for name in selectors.OUTCOMES}
        return {**super().get_fields(), **counts}


class CalendarSerializer(serializers.Serializer[Any]):
    timezone = serializers.CharField()
    days = CalendarDaySerializer(many=True, help_text="Days without a run are left out")


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


class _Calendar(TenantAPIView):
    def _days(self, request: Request) -> Response:
        query = CalendarQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        said = query.validated_data
        days = selectors.runs_by_day(self.object, first=said["first"], last=said["last"], zone=said["timezone"])
        body = {
            "timezone": said["timezone"].key,
            "days": [{"day": day, **counts} for day, counts in days.items()],
        }
        return Response(CalendarSerializer(body).data)


class JobCalendarView(_Calendar):
    rules: ClassVar[dict[str, Rule]] = {"get": OnObject("job")}

    @extend_schema(parameters=[CalendarQuery], responses={200: CalendarSerializer}, tags=TAGS)
    def get(self, request: Request, **_: Any) -> Response:
        """How many runs of the job ended how on each day on which they were asked for."""
        return self._days(request)


class PackageCalendarView(_Calendar):
    rules: ClassVar[dict[str, Rule]] = {"get": OnObject("job_package")}

    @extend_schema(parameters=[CalendarQuery], responses={200: CalendarSerializer}, tags=TAGS)
    def get(self, request: Request, **_: Any) -> Response:
        """How many runs of the package ended how on each day on which they were asked for."""
        return self._days(request)

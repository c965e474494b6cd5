"""Endpoints of schedules and backfills."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.access import Level
from apps.accounts.api.base import OnObject, Rule, SignedIn
from apps.kernel.api.documents import list_schema
from apps.kernel.errors import FieldError, Invalid
from apps.schedules import selectors
from apps.schedules.api.base import LIST, StarterView
from apps.schedules.api.rules import OnBackfill, OnStarter
from apps.schedules.api.serializers import (
    BackfillPlanSerializer,
    BackfillSerializer,
    BackfillWriteSerializer,
    ExplainQuery,
    FireSerializer,
    NextFiresQuery,
    NextFiresSerializer,
    ScheduleSerializer,
    ScheduleWriteSerializer,
)
from apps.schedules.clock import database_now
from apps.schedules.core.cron import InvalidTimetable
from apps.schedules.core.timetables import Timetable, cron_timetable, interval_timetable, next_fires
from apps.schedules.models import Backfill, Schedule
from apps.schedules.services import backfills, schedules

TAGS = ["schedules"]
SCHEDULES: dict[str, Any] = {**LIST, "ordering": [*LIST["ordering"], "next_fire_at"]}
FIRES: dict[str, Any] = {
    "filters": {
        "status": "status",
        "backfill": "backfill_id",
        "regular": "backfill__isnull",
        "after": "scheduled_at__gte",
        "before": "scheduled_at__lt",
    },
    "ordering": ["scheduled_at", "created_at"],
    "default_ordering": "-scheduled_at",
}
BACKFILLS: dict[str, Any] = {
    "filters": {"status": "status"}, "ordering": ["created_at"], "default_ordering": "-created_at",
}  # fmt: skip


class SchedulesView(StarterView):
    rules: ClassVar[dict[str, Rule]] = {"get": SignedIn()}

    @list_schema(ScheduleSerializer, **SCHEDULES, tags=TAGS)
    def get(self, request: Request) -> Response:  # noqa: ARG002
        """Schedules of all jobs and packages that one may read."""
        return self.list_response(selectors.visible(self.viewer, Schedule), ScheduleSerializer, **SCHEDULES)


class _SchedulesOf(StarterView):
    def _list(self, **of: Any) -> Response:
        found = selectors.visible(self.viewer, Schedule).filter(**of)
        return self.list_response(found, ScheduleSerializer, **SCHEDULES)

    def _create(self, request: Request) -> Response:
        said = self.said(request, ScheduleWriteSerializer)
        schedule = schedules.create_schedule(target=self.object, by=self.viewer, **said)
        return Response(ScheduleSerializer(schedule).data, status=201)


class JobSchedulesView(_SchedulesOf):
    rules: ClassVar[dict[str, Rule]] = {"get": OnObject("job"), "post": OnObject("job", Level.WRITE)}

    @list_schema(ScheduleSerializer, **SCHEDULES, tags=TAGS)
    def get(self, request: Request, **_: Any) -> Response:  # noqa: ARG002
        return self._list(job=self.object)

    @extend_schema(request=ScheduleWriteSerializer, responses={201: ScheduleSerializer}, tags=TAGS)
    def post(self, request: Request, **_: Any) -> Response:
        """Run the job by a timetable, in the name of whoever saves it: that needs execute on it, too."""
        return self._create(request)


class PackageSchedulesView(_SchedulesOf):
    rules: ClassVar[dict[str, Rule]] = {"get": OnObject("job_package"), "post": OnObject("job_package", Level.WRITE)}

    @list_schema(ScheduleSerializer, **SCHEDULES, tags=TAGS)
    def get(self, request: Request, **_: Any) -> Response:  # noqa: ARG002
        return self._list(job_package=self.object)

    @extend_schema(request=ScheduleWriteSerializer, responses={201: ScheduleSerializer}, tags=TAGS)
    def post(self, request: Request, **_: Any) -> Response:
        """Run the package by a timetable, in the name of whoever saves it: that needs execute on it, too."""
        return self._create(request)


class ScheduleView(StarterView):
    rules: ClassVar[dict[str, Rule]] = {
        "get": OnStarter(Schedule),
        "patch": OnStarter(Schedule, Level.WRITE),
        "delete": OnStarter(Schedule, Level.WRITE),
    }

    @extend_schema(responses={200: ScheduleSerializer}, tags=TAGS)
    def get(self, request: Request, **_: Any) -> Response:  # noqa: ARG002
        return Response(ScheduleSerializer(self.object).data)

    @extend_schema(request=ScheduleWriteSerializer, responses={200: ScheduleSerializer}, tags=TAGS)
    def patch(self, request: Request, **_: Any) -> Response:
        """Change it, pause it by `enabled: false`, let it go on. Whoever changes it takes it over."""
        said = self.said(request, ScheduleWriteSerializer, partial=True)
        schedule = schedules.change_schedule(schedule=self.object, by=self.viewer, changes=said)
        return Response(ScheduleSerializer(schedule).data)

    @extend_schema(responses={204: None}, tags=TAGS)
    def delete(self, request: Request, **_: Any) -> Response:  # noqa: ARG002
        schedules.delete_schedule(schedule=self.object, by=self.viewer)
        return Response(status=204)


class FiresView(StarterView):
    rules: ClassVar[dict[str, Rule]] = {"get": OnStarter(Schedule)}

    @list_schema(FireSerializer, **FIRES, tags=TAGS)
    def get(self, request: Request, **_: Any) -> Response:  # noqa: ARG002
        """What it fired and left out, the latest first, with the runs."""
        return self.list_response(self.object.fires.select_related("job_run"), FireSerializer, **FIRES)


class NextFiresView(StarterView):
    rules: ClassVar[dict[str, Rule]] = {"get": OnStarter(Schedule)}

    @extend_schema(parameters=[NextFiresQuery], responses={200: NextFiresSerializer}, tags=TAGS)
    def get(self, request: Request, **_: Any) -> Response:
        """When it will fire; while it is paused, when it would."""
        query = NextFiresQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        schedule: Schedule = self.object
        after = max(query.validated_data.get("after") or database_now(), schedules.undecided_from(schedule))
        return Response(
            _next(schedule.timetable, schedule.timezone, after, query.validated_data["count"], until=schedule.ends_at)
        )


class ExplainView(StarterView):
    rules: ClassVar[dict[str, Rule]] = {"get": SignedIn()}

    @extend_schema(parameters=[ExplainQuery], responses={200: NextFiresSerializer}, tags=TAGS)
    def get(self, request: Request) -> Response:
        """A timetable in words, with its next fires, before it is saved."""
        query = ExplainQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        said = query.validated_data
        after = said.get("after") or database_now()
        try:
            timetable: Timetable = (
                cron_timetable(said["cron"], said["timezone"])
                if "cron" in said
                else interval_timetable(said["every_seconds"], after.replace(microsecond=0))
            )
        except InvalidTimetable as error:
            raise Invalid(errors=[FieldError(error.field, "invalid", str(error))]) from error
        return Response(_next(timetable, said["timezone"], after, said["count"]))


def _next(timetable: Timetable, timezone: str, after: Any, count: int, until: Any = None) -> dict[str, Any]:
    fires = next_fires(timetable, after, count, until=until)
    body = {"timezone": timezone, "words": timetable.words(), "fires": fires}
    return dict(NextFiresSerializer(body).data)


class ScheduleBackfillView(StarterView):
    rules: ClassVar[dict[str, Rule]] = {"post": OnStarter(Schedule, Level.EXECUTE)}

    @extend_schema(
        request=BackfillWriteSerializer,
        responses={200: BackfillPlanSerializer, 202: BackfillSerializer},
        tags=TAGS,
    )
    def post(self, request: Request, **_: Any) -> Response:
        """Run the fires of a past range; with `dry_run` (200) only say which these are."""
        said = self.said(request, BackfillWriteSerializer)
        if said.pop("dry_run"):
            ask = {name: said[name] for name in ("begin", "end", "missing_only")}
            fires = backfills.plan_backfill(schedule=self.object, **ask)
            return Response(BackfillPlanSerializer({"count": len(fires), "fires": fires}).data)
        backfill = backfills.start_backfill(schedule=self.object, by=self.viewer, **said)
        return Response(BackfillSerializer(backfill).data, status=202)


class BackfillsView(StarterView):
    rules: ClassVar[dict[str, Rule]] = {"get": OnStarter(Schedule)}

    @list_schema(BackfillSerializer, **BACKFILLS, tags=TAGS)
    def get(self, request: Request, **_: Any) -> Response:  # noqa: ARG002
        return self.list_response(Backfill.objects.filter(schedule=self.object), BackfillSerializer, **BACKFILLS)


class BackfillView(StarterView):
    rules: ClassVar[dict[str, Rule]] = {"get": OnBackfill()}

    @extend_schema(responses={200: BackfillSerializer}, tags=TAGS)
    def get(self, request: Request, **_: Any) -> Response:  # noqa: ARG002
        return Response(BackfillSerializer(self.object).data)


class BackfillCancelView(StarterView):
    rules: ClassVar[dict[str, Rule]] = {"post": OnBackfill(Level.EXECUTE)}

    @extend_schema(request=None, responses={202: BackfillSerializer}, tags=TAGS)
    def post(self, request: Request, **_: Any) -> Response:  # noqa: ARG002
        """Stop it with its runs. One that is over is 409 `already_finished`."""
        backfill = backfills.cancel_backfill(backfill=self.object, by=self.viewer)
        return Response(BackfillSerializer(backfill).data, status=202)

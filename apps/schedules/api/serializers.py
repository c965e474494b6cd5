"""Bodies of schedules, backfills, triggers and hooks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.executions.api.serializers import ErrorSerializer
from apps.executions.core.job_runs import JobRunStatus
from apps.schedules.core.catching_up import MAX_CATCH_UP, CatchUp, Overlap
from apps.schedules.core.cron import LONGEST, InvalidTimetable
from apps.schedules.core.timetables import LONGEST_SECONDS, SHORTEST_SECONDS
from apps.schedules.models import Backfill, Fire, HookEvent, Schedule, Trigger, TriggerFire
from apps.schedules.models.starter import NAME_LENGTH
from apps.schedules.services.backfills import STANDINGS, progress, progress_of

CATCH_UP = [each.value for each in CatchUp]
OVERLAP = [each.value for each in Overlap]
MAX_CONCURRENCY = 16


class MomentField(serializers.DateTimeField):
    """A moment that calendars and PostgreSQL can count from, in both directions."""

    default_error_messages = {"range": "This must lie between the years 1970 and 2200"}

    def to_internal_value(self, value: Any) -> datetime:
        try:
            moment: datetime = super().to_internal_value(value)
        except OverflowError:
            self.fail("range")
        if not 1970 < moment.year < 2200:
            self.fail("range")
        return moment


class StarterSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField(allow_blank=True)
    job_id = serializers.UUIDField(allow_null=True)
    job_package_id = serializers.UUIDField(allow_null=True)
    workflow_id = serializers.UUIDField(allow_null=True)
    enabled = serializers.BooleanField()
    parameters = serializers.DictField()
    environment = serializers.CharField(allow_null=True)
    run_as = serializers.UUIDField(
        source="run_as_id", allow_null=True, help_text="In whose name it runs: who saved it last"
    )
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class StarterWriteSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=NAME_LENGTH, allow_blank=True, required=False)
    enabled = serializers.BooleanField(required=False)
    parameters = serializers.DictField(child=serializers.JSONField(allow_null=True), required=False)
    environment = serializers.CharField(max_length=100, required=False, allow_null=True)


class ScheduleSerializer(StarterSerializer):
    cron = serializers.CharField(allow_blank=True)
    timezone = serializers.CharField()
    every_seconds = serializers.IntegerField(allow_null=True)
    anchor = serializers.DateTimeField(allow_null=True, help_text="What the interval is counted from")
    starts_at = serializers.DateTimeField(allow_null=True)
    ends_at = serializers.DateTimeField(allow_null=True)
    catch_up = serializers.ChoiceField(CATCH_UP)
    catch_up_limit = serializers.IntegerField()
    overlap = serializers.ChoiceField(OVERLAP)
    next_fire_at = serializers.DateTimeField(
        allow_null=True, help_text="Null while it is paused, and when there is none any more"
    )
    words = serializers.SerializerMethodField(help_text="The timetable in English")

    def get_words(self, schedule: Schedule) -> str:
        try:
            return schedule.timetable.words()
        except InvalidTimetable as error:
            return str(error)


class ScheduleWriteSerializer(StarterWriteSerializer):
    cron = serializers.CharField(
        max_length=LONGEST,
        allow_blank=True,
        required=False,
        help_text="Five fields, or @hourly, @daily, @weekly, @monthly, @yearly",
    )
    timezone = serializers.CharField(max_length=64, required=False, help_text="Like Europe/Zurich; by default UTC")
    every_seconds = serializers.IntegerField(
        min_value=SHORTEST_SECONDS,
        max_value=LONGEST_SECONDS,
        required=False,
        allow_null=True,
        help_text="In place of cron",
    )
    anchor = MomentField(required=False, allow_null=True)
    starts_at = MomentField(required=False, allow_null=True)
    ends_at = MomentField(required=False, allow_null=True)
    catch_up = serializers.ChoiceField(
        CATCH_UP, required=False, help_text="After a pause: what runs of the fires that nobody saw in time"
    )
    catch_up_limit = serializers.IntegerField(min_value=1, max_value=MAX_CATCH_UP, required=False)
    overlap = serializers.ChoiceField(
        OVERLAP, required=False, help_text="What a fire does while a run before it is under way"
    )


class FireSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    schedule_id = serializers.UUIDField()
    backfill_id = serializers.UUIDField(allow_null=True)
    scheduled_at = serializers.DateTimeField()
    window_start = serializers.DateTimeField()
    window_end = serializers.DateTimeField(source="scheduled_at")
    late = serializers.BooleanField()
    status = serializers.ChoiceField(Fire.Status.values)
    reason = serializers.CharField(allow_blank=True)
    error = ErrorSerializer(allow_null=True)
    job_run_id = serializers.UUIDField(allow_null=True)
    job_run_status = serializers.ChoiceField(
        [each.value for each in JobRunStatus], source="job_run.status", default=None, allow_null=True
    )
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)


class NextFiresSerializer(serializers.Serializer[Any]):
    timezone = serializers.CharField()
    words = serializers.CharField()
    fires = serializers.ListField(child=serializers.DateTimeField())


class NextFiresQuery(serializers.Serializer[Any]):
    count = serializers.IntegerField(default=5, min_value=1, max_value=100)
    after = MomentField(required=False)


class ExplainQuery(NextFiresQuery):
    cron = serializers.CharField(required=False, max_length=LONGEST)
    timezone = serializers.CharField(default="UTC", max_length=64)
    every_seconds = serializers.IntegerField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("cron" in attrs) == ("every_seconds" in attrs):
            raise serializers.ValidationError({"cron": "Give either cron or every_seconds"})
        return attrs


class BackfillWriteSerializer(serializers.Serializer[Any]):
    # `from` is a word of Python's.
    def get_fields(self) -> dict[str, Any]:
        return {
            "from": MomentField(source="begin", help_text="The first fire is then or later"),
            "to": MomentField(source="end", help_text="The last fire is before then"),
            "dry_run": serializers.BooleanField(default=False, help_text="Only say what would run"),
            "missing_only": serializers.BooleanField(
                default=False, help_text="Leave out times that the schedule has run with success"
            ),
            "concurrency": serializers.IntegerField(default=1, min_value=1, max_value=MAX_CONCURRENCY),
            "parameters": serializers.DictField(child=serializers.JSONField(allow_null=True), required=False),
        }


class PlannedSerializer(serializers.Serializer[Any]):
    scheduled_at = serializers.DateTimeField()
    window_start = serializers.DateTimeField()
    window_end = serializers.DateTimeField(source="scheduled_at")
    ran = serializers.ChoiceField(
        [each.value for each in JobRunStatus],
        allow_null=True,
        help_text="How the schedule's run for this time stands, if there was one",
    )


class BackfillPlanSerializer(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    fires = PlannedSerializer(many=True)


class ProgressSerializer(serializers.Serializer[Any]):
    def get_fields(self) -> dict[str, Any]:
        return {name: serializers.IntegerField(min_value=0) for name in ("total", *STANDINGS)}


class BackfillListSerializer(serializers.ListSerializer[Any]):
    """Counts the fires of all that are shown at once."""

    def to_representation(self, data: Any) -> list[dict[str, Any]]:
        backfills = list(data)
        counts = progress_of(backfills)
        child: Any = self.child
        return [child.shown(each, counts[each.pk]) for each in backfills]


class BackfillSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    schedule_id = serializers.UUIDField()
    status = serializers.ChoiceField(Backfill.Status.values)
    concurrency = serializers.IntegerField()
    parameters = serializers.DictField()
    created_by = serializers.UUIDField(source="created_by_id", allow_null=True)
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)

    def get_fields(self) -> dict[str, Any]:
        return {
            **super().get_fields(),
            "from": serializers.DateTimeField(source="begin"),
            "to": serializers.DateTimeField(source="end"),
            "progress": ProgressSerializer(source="*"),
        }

    class Meta:
        list_serializer_class = BackfillListSerializer

    def to_representation(self, instance: Backfill) -> dict[str, Any]:
        return self.shown(instance, progress(instance))

    def shown(self, instance: Backfill, counts: dict[str, int]) -> dict[str, Any]:
        fields = {name: field for name, field in self.fields.items() if name != "progress"}
        body = {name: field.to_representation(value) if (value := field.get_attribute(instance)) is not None else None
                for name, field in fields.items()}  # fmt: skip
        return {**body, "progress": counts}


class TriggerSerializer(StarterSerializer):
    kind = serializers.ChoiceField(Trigger.Kind.values)
    connector_id = serializers.UUIDField(allow_null=True)
    pattern = serializers.CharField()
    source_id = serializers.UUIDField(allow_null=True)
    outcome = serializers.ChoiceField(Trigger.Outcome.values)


class TriggerChangeSerializer(StarterWriteSerializer):
    pattern = serializers.CharField(max_length=200, required=False, help_text="Of file names: * and ? stand for others")
    outcome = serializers.ChoiceField(Trigger.Outcome.values, required=False)


class TriggerWriteSerializer(TriggerChangeSerializer):
    kind = serializers.ChoiceField(Trigger.Kind.values)
    connector_id = serializers.UUIDField(required=False, help_text="Of `file_arrived`: where files come")
    source_id = serializers.UUIDField(required=False, help_text="Of `workflow_finished`: the workflow that ends")


class StartedSerializer(serializers.Serializer[Any]):
    """What somebody or something else has started."""

    job_run_id = serializers.UUIDField(allow_null=True)
    execution_id = serializers.UUIDField(allow_null=True)
    run_status = serializers.SerializerMethodField(help_text="How that stands; null where nothing was started")

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_run_status(self, row: TriggerFire | HookEvent) -> str | None:
        run = row.job_run or row.execution
        return None if run is None else str(run.status)


class TriggerFireSerializer(StartedSerializer):
    id = serializers.UUIDField()
    trigger_id = serializers.UUIDField()
    depth = serializers.IntegerField(help_text="How many events led from one run to the next until here")
    parameters = serializers.DictField()
    status = serializers.ChoiceField(TriggerFire.Status.values)
    error = ErrorSerializer(allow_null=True)
    created_at = serializers.DateTimeField()


class HookSerializer(StarterSerializer):
    accepts = serializers.ListField(child=serializers.CharField())
    path = serializers.SerializerMethodField(help_text="Where to send deliveries")
    previous_until = serializers.DateTimeField(
        allow_null=True, help_text="Until when the secret before this one is good"
    )

    def get_path(self, hook: Any) -> str:
        return f"/api/v1/hooks/{hook.pk}"


class HookWriteSerializer(StarterWriteSerializer):
    accepts = serializers.ListField(
        child=serializers.CharField(max_length=100),
        max_length=100,
        required=False,
        help_text="Members of the body that become parameters; the whole body is the parameter `payload`",
    )


class NewHookSerializer(HookSerializer):
    def get_fields(self) -> dict[str, Any]:
        secret = serializers.CharField(source="*", read_only=True, help_text="Shown this once")
        return {**super().get_fields(), "secret": secret}

    def to_representation(self, instance: Any) -> dict[str, Any]:
        hook, secret = instance
        return {**HookSerializer(hook).data, "secret": secret}


class HookEventSerializer(StartedSerializer):
    id = serializers.UUIDField()
    hook_id = serializers.UUIDField()
    event_id = serializers.CharField()
    deliveries = serializers.IntegerField(help_text="How often it came; it started something once")
    created_at = serializers.DateTimeField()


class HookRefusalSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    hook_id = serializers.UUIDField()
    day = serializers.DateField(help_text="In UTC")
    code = serializers.CharField(help_text="Why, as the answer said: unsigned, bad_signature, stale, too_large, …")
    count = serializers.IntegerField(help_text="How many on that day; the last ones of a flood may be missing")
    event_id = serializers.CharField(help_text="What the last of them said it was; empty where it did not say")
    first_at = serializers.DateTimeField()
    last_at = serializers.DateTimeField()


class DeliveryAnswerSerializer(serializers.Serializer[Any]):
    event_id = serializers.CharField()
    duplicate = serializers.BooleanField(help_text="It came before, and started nothing now")
    job_run_id = serializers.UUIDField(allow_null=True)
    execution_id = serializers.UUIDField(allow_null=True)

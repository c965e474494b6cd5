"""What starts by itself, on the tenants' site: looked through, paused, and let go on."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import TabularInline

from apps.kernel.admin import ReadOnlyAdmin, each_in_turn
from apps.schedules.models import Backfill, Fire, Hook, HookEvent, HookRefusal, Schedule, Trigger, TriggerFire
from apps.schedules.services import hooks, schedules, triggers


class StarterAdmin(ReadOnlyAdmin):
    """Base; `change` is the kind's service. Whoever lets one go on by this page takes it over."""

    change: ClassVar[Any]
    keyword: ClassVar[str]
    list_filter = ("enabled", "created_at")
    search_fields = ("name", "job__name", "job_package__name", "workflow__name")
    list_select_related = ("job", "job_package", "workflow", "run_as")
    actions = ("pause", "go_on")
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        found: QuerySet[Any] = super().get_queryset(request)
        return found.filter(deleted_at=None)

    @admin.action(description="Pause", permissions=["view"])
    def pause(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self._set(request, queryset, enabled=False, done="paused")

    @admin.action(description="Let it go on, in your name", permissions=["view"])
    def go_on(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self._set(request, queryset, enabled=True, done="going on")

    def _set(self, request: HttpRequest, queryset: QuerySet[Any], *, enabled: bool, done: str) -> None:
        change = type(self).change
        each_in_turn(
            request,
            queryset,
            done,
            lambda starter: change(**{self.keyword: starter}, by=request.user, changes={"enabled": enabled}),
        )


@admin.register(Schedule)
class ScheduleAdmin(StarterAdmin):
    change = staticmethod(schedules.change_schedule)
    keyword = "schedule"
    list_display = (
        "name", "job", "job_package", "cron", "timezone", "every_seconds", "enabled", "next_fire_at", "run_as",
    )  # fmt: skip


@admin.register(Trigger)
class TriggerAdmin(StarterAdmin):
    change = staticmethod(triggers.change_trigger)
    keyword = "trigger"
    list_display = ("name", "kind", "connector", "pattern", "source", "outcome", "job", "workflow", "enabled")


@admin.register(Hook)
class HookAdmin(StarterAdmin):
    change = staticmethod(hooks.change_hook)
    keyword = "hook"
    list_display = ("name", "job", "workflow", "enabled", "run_as", "created_at")
    exclude = ("secret", "previous_secret")


@admin.register(Fire)
class FireAdmin(ReadOnlyAdmin):
    list_display = ("scheduled_at", "schedule", "status", "reason", "late", "job_run", "backfill")
    list_filter = ("status", "late", "scheduled_at")
    list_select_related = ("schedule", "job_run", "backfill")
    search_fields = ("schedule__name",)
    show_full_result_count = False


class FireInline(TabularInline):  # type: ignore[misc]
    model = Fire
    fk_name = "backfill"
    fields = ("scheduled_at", "status", "reason", "job_run")
    readonly_fields = fields
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False


@admin.register(Backfill)
class BackfillAdmin(ReadOnlyAdmin):
    list_display = ("schedule", "begin", "end", "status", "concurrency", "created_by", "created_at")
    list_filter = ("status", "created_at")
    list_select_related = ("schedule", "created_by")
    search_fields = ("schedule__name", "created_by__email")
    inlines = (FireInline,)


@admin.register(TriggerFire)
class TriggerFireAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "trigger", "status", "depth", "job_run", "execution")
    list_filter = ("status", "created_at")
    list_select_related = ("trigger", "job_run", "execution")
    search_fields = ("trigger__name",)
    show_full_result_count = False


@admin.register(HookEvent)
class HookEventAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "hook", "event_id", "deliveries", "job_run", "execution")
    list_filter = ("created_at",)
    list_select_related = ("hook", "job_run", "execution")
    search_fields = ("event_id", "hook__name")
    show_full_result_count = False


@admin.register(HookRefusal)
class HookRefusalAdmin(ReadOnlyAdmin):
    list_display = ("day", "hook", "code", "count", "event_id", "first_at", "last_at")
    list_filter = ("code", "day")
    list_select_related = ("hook",)
    search_fields = ("hook__name", "event_id", "code")
    show_full_result_count = False

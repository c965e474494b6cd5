"""Executions on the tenants' site: looked through, and stopped."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline

from apps.executions.models import (
    Approval,
    ExecutionLog,
    JobRun,
    JobRunStep,
    NodeExecution,
    StageResult,
    WorkflowExecution,
)
from apps.executions.services import cancel_execution, cancel_job_run
from apps.kernel.admin import each_in_turn


class _ReadOnly:
    """History is read, never edited: whoever wants another one runs the workflow again."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False


class NodeInline(_ReadOnly, TabularInline):  # type: ignore[misc]
    model = NodeExecution
    fields = ("node_id", "status", "started_at", "duration_ms", "rows_in", "rows_out", "bytes", "attempt", "error")
    extra = 0


class StageInline(_ReadOnly, TabularInline):  # type: ignore[misc]
    model = StageResult
    fields = ("stage_id", "failed", "fence", "finished_at")
    extra = 0


@admin.register(WorkflowExecution)
class WorkflowExecutionAdmin(_ReadOnly, ModelAdmin):  # type: ignore[misc]
    list_display = ("id", "workflow", "kind", "status", "waiting_for", "progress", "created_at", "finished_at")
    list_filter = ("status", "kind", "trigger", "created_at")
    search_fields = ("id", "workflow__name")
    list_select_related = ("workflow",)
    date_hierarchy = "created_at"
    exclude = ("plan",)
    inlines = (NodeInline, StageInline)
    actions = ("cancel",)
    show_full_result_count = False

    @admin.action(description="Cancel", permissions=["view"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[WorkflowExecution]) -> None:
        """Stop the chosen executions, by the same service as everyone."""
        each_in_turn(
            request,
            queryset,
            "asked to stop",
            lambda execution: cancel_execution(viewer=request.user, execution_id=execution.pk),  # type: ignore[arg-type]
        )


@admin.register(ExecutionLog)
class ExecutionLogAdmin(_ReadOnly, ModelAdmin):  # type: ignore[misc]
    list_display = ("at", "level", "execution", "node_id", "message")
    list_filter = ("level", "at")
    search_fields = ("message", "node_id", "execution__id")
    list_select_related = ("execution",)
    show_full_result_count = False


@admin.register(NodeExecution)
class NodeExecutionAdmin(_ReadOnly, ModelAdmin):  # type: ignore[misc]
    list_display = ("node_id", "execution", "status", "started_at", "duration_ms", "rows_in", "rows_out", "attempt")
    list_filter = ("status", "started_at")
    search_fields = ("node_id", "execution__id", "execution__workflow__name")
    list_select_related = ("execution",)
    show_full_result_count = False


@admin.register(Approval)
class ApprovalAdmin(_ReadOnly, ModelAdmin):  # type: ignore[misc]
    """Questions that executions wait with; they are answered in the pages and by the API."""

    list_display = ("node_id", "execution", "status", "decided_by", "created_at", "expires_at", "decided_at")
    list_filter = ("status", "created_at")
    search_fields = ("node_id", "message", "execution__id", "execution__workflow__name", "decided_by__email")
    list_select_related = ("execution", "decided_by")
    show_full_result_count = False


class StepInline(_ReadOnly, TabularInline):  # type: ignore[misc]
    model = JobRunStep
    fk_name = "run"
    fields = ("position", "workflow", "job", "status", "execution", "child", "error")
    extra = 0


@admin.register(JobRun)
class JobRunAdmin(_ReadOnly, ModelAdmin):  # type: ignore[misc]
    list_display = ("id", "job", "job_package", "status", "trigger", "triggered_by", "created_at", "finished_at")
    list_filter = ("status", "trigger", "created_at")
    search_fields = ("id", "job__name", "job_package__name")
    list_select_related = ("job", "job_package", "triggered_by")
    date_hierarchy = "created_at"
    raw_id_fields = ("parent", "parent_execution")
    inlines = (StepInline,)
    actions = ("cancel",)
    show_full_result_count = False

    @admin.action(description="Cancel", permissions=["view"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[JobRun]) -> None:
        """Stop the chosen runs with all that they started."""
        each_in_turn(
            request,
            queryset,
            "asked to stop",
            lambda run: cancel_job_run(run_id=run.pk, by=request.user),  # type: ignore[arg-type]
        )

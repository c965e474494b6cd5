"""Workflows and their versions on the tenants' site. Diagrams are drawn on the canvas and only shown here."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import TabularInline

from apps.kernel.admin import ReadOnlyAdmin, each_in_turn
from apps.workflows.models import Environment, Workflow, WorkflowLock, WorkflowVersion
from apps.workflows.services import checkout, placing
from apps.workspaces.admin import ResourceAdmin


class VersionInline(TabularInline):  # type: ignore[misc]
    """The latest versions, without their diagrams."""

    model = WorkflowVersion
    fields = ("number", "author", "created_at")
    readonly_fields = fields
    ordering = ("-number",)
    per_page = 20
    extra = 0
    can_delete = False
    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        found: QuerySet[Any] = super().get_queryset(request)
        return found.defer("diagram", "parameters").select_related("author")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False


@admin.register(Workflow)
class WorkflowAdmin(ResourceAdmin):
    place = "job"
    fields = (*ResourceAdmin.fields, "version", "node_count")
    readonly_fields = (*ResourceAdmin.readonly_fields, "version", "node_count")
    inlines = (VersionInline,)

    def restore(self, obj: Workflow, by: Any) -> None:
        placing.restore_workflow(workflow=obj, by=by)


@admin.register(WorkflowVersion)
class WorkflowVersionAdmin(ReadOnlyAdmin):
    list_display = ("workflow", "number", "author", "created_at")
    list_filter = ("created_at",)
    list_select_related = ("workflow", "author")
    search_fields = ("workflow__name", "author__email")
    ordering = ("-created_at",)
    fields = ("workflow", "number", "author", "created_at", "drawn", "declared")
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        found: QuerySet[Any] = super().get_queryset(request)
        return found.defer("diagram", "parameters")

    @admin.display(description="Diagram")
    def drawn(self, version: WorkflowVersion) -> str:
        return json.dumps(version.diagram, indent=2, ensure_ascii=False)

    @admin.display(description="Parameters")
    def declared(self, version: WorkflowVersion) -> str:
        return json.dumps(version.parameters, indent=2, ensure_ascii=False)


@admin.register(WorkflowLock)
class WorkflowLockAdmin(ReadOnlyAdmin):
    """Who has checked a workflow out."""

    list_display = ("workflow", "holder", "since", "expires_at")
    list_filter = ("since", "expires_at")
    list_select_related = ("workflow", "holder")
    search_fields = ("workflow__name", "holder__email")
    actions = ("release",)

    @admin.action(description="Release: let others save", permissions=["view"])
    def release(self, request: HttpRequest, queryset: QuerySet[WorkflowLock]) -> None:
        each_in_turn(
            request,
            queryset.select_related("workflow"),
            "released",
            lambda lock: checkout.release(workflow=lock.workflow, by=request.user),  # type: ignore[arg-type]
        )


@admin.register(Environment)
class EnvironmentAdmin(ReadOnlyAdmin):
    list_display = ("name", "workspace", "updated_by", "updated_at")
    list_filter = ("created_at", "updated_at")
    list_select_related = ("workspace", "updated_by")
    search_fields = ("name", "description", "workspace__name")

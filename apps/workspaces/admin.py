"""Workspaces and what lies in them, on the tenants' site: looked through, renamed, set aside, brought back.

Everything is done by the services, so that events and refusals are the same as by HTTP. Placing and making
things belongs to the pages, where one sees where they go.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from simple_history.admin import SimpleHistoryAdmin
from unfold.admin import ModelAdmin, TabularInline

from apps.accounts.access import kind_of
from apps.kernel.admin import each_in_turn
from apps.workspaces.models import Folder, Job, JobPackage, JobPackageItem, Workspace
from apps.workspaces.services import deletion, editing, restoring


class ResourceAdmin(SimpleHistoryAdmin, ModelAdmin):  # type: ignore[misc]
    """Base for every kind of resource; `bring_back` is its restoring service."""

    place: ClassVar[str | None] = None
    list_filter = (("deleted_at", admin.EmptyFieldListFilter), "created_at")
    search_fields = ("name", "description")
    fields: Any = ("name", "description", "created_at", "created_by", "deleted_at", "deleted_by")
    readonly_fields: Any = ("created_at", "created_by", "deleted_at", "deleted_by")
    actions = ("set_aside", "bring_back")
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:  # noqa: ARG002
        """The deleted ones too: here they are found again."""
        found: QuerySet[Any] = self.model._base_manager.order_by("name", "pk")
        return found.select_related("created_by", *filter(None, [self.place]))

    def get_list_display(self, request: HttpRequest) -> Any:  # noqa: ARG002
        return ("name", *filter(None, [self.place]), "created_by", "updated_at", "deleted_at")

    def get_actions(self, request: HttpRequest) -> Any:
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: ARG002
        changes = {name: form.cleaned_data[name] for name in form.changed_data}
        before = self.model._base_manager.get(pk=obj.pk)
        editing.changed(before, changes, **self._told(before, request))

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        deletion.delete(obj, **self._told(obj, request))

    def restore(self, obj: Any, by: Any) -> None:
        raise NotImplementedError

    @admin.action(description="Delete; can be restored for 30 days", permissions=["delete"])
    def set_aside(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        living = queryset.filter(deleted_at=None)
        each_in_turn(request, living, "deleted", lambda obj: self.delete_model(request, obj))

    @admin.action(description="Restore", permissions=["change"])
    def bring_back(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        deleted = queryset.exclude(deleted_at=None)
        each_in_turn(request, deleted, "restored", lambda obj: self.restore(obj, request.user))

    def _told(self, obj: Any, request: HttpRequest) -> dict[str, Any]:
        kind = kind_of(obj)
        *_, (_, workspace_id) = kind.ancestors(obj)
        return {"object_type": kind.name, "workspace_id": workspace_id, "by": request.user}


@admin.register(Workspace)
class WorkspaceAdmin(ResourceAdmin):
    def restore(self, obj: Workspace, by: Any) -> None:
        restoring.restore_workspace(workspace=obj, by=by)


@admin.register(Folder)
class FolderAdmin(ResourceAdmin):
    place = "workspace"

    def restore(self, obj: Folder, by: Any) -> None:
        restoring.restore_folder(folder=obj, by=by)


@admin.register(Job)
class JobAdmin(ResourceAdmin):
    place = "folder"

    def restore(self, obj: Job, by: Any) -> None:
        restoring.restore_job(job=obj, by=by)


class ItemInline(TabularInline):  # type: ignore[misc]
    model = JobPackageItem
    extra = 0
    fields = ("position", "job")
    readonly_fields = fields
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False


@admin.register(JobPackage)
class JobPackageAdmin(ResourceAdmin):
    place = "workspace"
    inlines = (ItemInline,)

    def restore(self, obj: JobPackage, by: Any) -> None:
        restoring.restore_job_package(package=obj, by=by)

"""Connectors on the tenants' site: found, renamed, tried, set aside. Secrets are never shown, not even sealed."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from simple_history.admin import SimpleHistoryAdmin
from unfold.admin import ModelAdmin

from apps.connectors import services
from apps.connectors.api.serializers import ConnectorSerializer
from apps.connectors.models import Connector, DiscoveredTable
from apps.connectors.sdk import ConnectorError
from apps.kernel.admin import ReadOnlyAdmin, each_in_turn


@admin.register(Connector)
class ConnectorAdmin(SimpleHistoryAdmin, ModelAdmin):  # type: ignore[misc]
    list_display: ClassVar = ["name", "connector_type", "created_by", "updated_at", "deleted_at"]
    list_filter: ClassVar = ["connector_type", ("deleted_at", admin.EmptyFieldListFilter)]
    search_fields: ClassVar = ["name", "description"]
    fields: ClassVar = ["name", "description", "connector_type", "configuration", "version", "discovered_at",
                        "created_at", "created_by", "deleted_at", "deleted_by"]  # fmt: skip
    readonly_fields: ClassVar = fields[2:]
    actions: ClassVar = ["try_out", "set_aside"]
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Connector]:  # noqa: ARG002
        """The deleted ones too: here they are found again."""
        return Connector._base_manager.select_related("created_by").order_by("name", "pk")

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """They are made on the pages, whose forms know each type."""
        return False

    def get_actions(self, request: HttpRequest) -> Any:
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    @admin.display(description="Configuration")
    def configuration(self, row: Connector) -> str:
        config = ConnectorSerializer(row).data["config"]
        return "\n".join(f"{name}: {'(secret)' if _is_secret(value) else value}" for name, value in config.items())

    def save_model(self, request: HttpRequest, obj: Connector, form: Any, change: bool) -> None:  # noqa: ARG002
        changes = {name: form.cleaned_data[name] for name in form.changed_data}
        services.change_connector(viewer=request.user, connector=obj, changes=changes)  # type: ignore[arg-type]

    def delete_model(self, request: HttpRequest, obj: Connector) -> None:
        services.delete_connector(viewer=request.user, connector=obj)  # type: ignore[arg-type]

    @admin.action(description="Set aside (delete softly)")
    def set_aside(self, request: HttpRequest, chosen: QuerySet[Connector]) -> None:
        each_in_turn(request, chosen.filter(deleted_at=None), "set aside", lambda row: self.delete_model(request, row))

    @admin.action(description="Try out")
    def try_out(self, request: HttpRequest, chosen: QuerySet[Connector]) -> None:
        def attempt(row: Connector) -> None:
            found = services.test_connector(viewer=request.user, connector=row)  # type: ignore[arg-type]
            if not found.ok:
                raise ConnectorError(found.message, code=found.code)

        each_in_turn(request, chosen.filter(deleted_at=None)[:20], "working", attempt)


def _is_secret(value: Any) -> bool:
    return isinstance(value, dict) and (value == {"set": True} or {"set": True} in value.values())


@admin.register(DiscoveredTable)
class DiscoveredTableAdmin(ReadOnlyAdmin):
    list_display: ClassVar = ["name", "connector", "discovered_at"]
    list_select_related: ClassVar = ["connector"]
    list_filter: ClassVar = ["connector__connector_type"]
    search_fields: ClassVar = ["name", "connector__name"]

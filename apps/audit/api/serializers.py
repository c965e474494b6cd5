"""Bodies of the audit."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.audit import selectors
from apps.audit.models import AuditEntry


class _Named(serializers.ListSerializer[AuditEntry]):
    """Entries that tell no name get the one that their object has today."""

    def to_representation(self, data: Any) -> Any:
        entries = list(data)
        names = selectors.names_now(entries)
        for entry in entries:
            if not entry.object_name and entry.object_id in names:
                entry.object_name = names[entry.object_id]
        return super().to_representation(entries)


class AuditEntrySerializer(serializers.ModelSerializer[AuditEntry]):
    details = serializers.DictField(help_text="What the action says besides: before and after of small fields")

    class Meta:
        model = AuditEntry
        list_serializer_class = _Named
        fields = [
            "id", "at", "action", "actor_id", "actor", "object_type", "object_id", "object_name", "workspace_id",
            "details", "address", "method", "path",
        ]  # fmt: skip
        read_only_fields = fields


class ActionsSerializer(serializers.Serializer[Any]):
    actions = serializers.ListField(child=serializers.CharField())

"""Bodies of the audit."""

from __future__ import annotations

from rest_framework import serializers

from apps.audit.models import AuditEntry


class AuditEntrySerializer(serializers.ModelSerializer[AuditEntry]):
    details = serializers.DictField(help_text="What the action says besides: before and after of small fields")

    class Meta:
        model = AuditEntry
        fields = [
            "id", "at", "action", "actor_id", "actor", "object_type", "object_id", "object_name", "workspace_id",
            "details", "address", "method", "path",
        ]  # fmt: skip
        read_only_fields = fields

"""The audit on the tenants' site: read, never written."""

from __future__ import annotations

from django.contrib import admin

from apps.audit.models import AuditEntry
from apps.kernel.admin import ReadOnlyAdmin


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    list_display = ("at", "action", "actor", "object_type", "object_name", "address")
    list_filter = ("at", "object_type")
    search_fields = ("action", "actor", "object_name")
    show_full_result_count = False

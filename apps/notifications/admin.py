"""What people were told, on the tenants' site."""

from __future__ import annotations

from django.contrib import admin

from apps.kernel.admin import ReadOnlyAdmin
from apps.notifications.models import Notification


@admin.register(Notification)
class NotificationAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "user", "kind", "workflow", "seen_at")
    list_filter = ("kind", "created_at", ("seen_at", admin.EmptyFieldListFilter))
    list_select_related = ("user", "workflow")
    search_fields = ("user__email", "workflow__name", "message")
    show_full_result_count = False

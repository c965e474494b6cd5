"""Two admin sites: `django.contrib.admin.site` is the tenants' own, on their hosts; this one the operators'.

Both are called `admin`: each host's urlconf has one of them only.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.sites import UnfoldAdminSite

from apps.kernel.errors import UzoError

operator_site = UnfoldAdminSite(name="admin")


class ReadOnlyAdmin(ModelAdmin):  # type: ignore[misc]
    """Rows that only services write."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False


def each_in_turn(request: HttpRequest, objects: Any, done: str, act: Any) -> None:
    """Act on every object; tell how many it worked for, and of each that refused why."""
    count = 0
    for obj in objects:
        try:
            act(obj)
            count += 1
        except UzoError as error:
            messages.error(request, f"{obj}: {error.message}")
    if count:
        messages.success(request, f"{count} {done}")

"""Paths on tenants' hosts."""

from __future__ import annotations

from importlib.util import find_spec

from django.apps import apps
from django.contrib import admin
from django.urls import include, path, re_path

from apps.kernel.api import handlers

# Rooms whose endpoints stand on tenants' hosts, each in its `api/urls.py`.
ROOMS = (
    "apps.kernel", "apps.tenants", "apps.accounts", "apps.audit", "apps.vault", "apps.workspaces",
    "apps.connectors", "apps.workflows", "apps.executions", "apps.schedules", "apps.notifications",
    "apps.realtime",
)  # fmt: skip


def _modules(rooms: tuple[str, ...], name: str) -> list[str]:
    return [f"{room}.{name}" for room in rooms if apps.is_installed(room) and _has(room, name)]


def _has(room: str, name: str) -> bool:
    parent, _, _ = name.rpartition(".")
    return bool(find_spec(f"{room}.{parent}" if parent else room)) and bool(find_spec(f"{room}.{name}"))


api = [path("", include(module)) for module in _modules(ROOMS, "api.urls")]
pages = [path("", include(module)) for module in _modules(("apps.executions", "apps.studio"), "urls")]

urlpatterns = [
    path("api/v1/", include(api)),
    re_path(r"^api/", handlers.api_not_found),
    path("admin/", admin.site.urls),
    *pages,
]

handler400 = handlers.bad_request
handler403 = handlers.forbidden
handler404 = handlers.not_found
handler500 = handlers.server_error

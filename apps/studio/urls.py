"""Addresses of the pages, on tenants' hosts. The list is closed: any other address is 404."""

from __future__ import annotations

from django.urls import path

from apps.studio.views import LoginPage, ResetPasswordPage, StudioPage

PAGES = (
    "",
    "workspaces",
    "workspaces/<uuid:id>",
    "folders/<uuid:id>",
    "jobs/<uuid:id>",
    "job-packages/<uuid:id>",
    "job-runs/<uuid:id>",
    "executions",
    "executions/compare",
    "executions/<uuid:id>",
    "connectors",
    "connectors/<uuid:id>",
    "templates",
    "schedules",
    "approvals",
    "operations",
    "settings",
    "settings/profile",
    "settings/api-keys",
    "settings/members",
    "settings/members/<uuid:id>",
    "settings/groups",
    "settings/groups/<uuid:id>",
    "settings/roles",
    "settings/plan",
    "settings/vault",
    "settings/audit",
)

urlpatterns = [
    path("login", LoginPage.as_view(), name="login"),
    path("reset-password", ResetPasswordPage.as_view(), name="reset-password"),
    *(path(page, StudioPage.as_view()) for page in PAGES),
    path("workflows/<uuid:id>", StudioPage.as_view(data="/api/v1/workflows/{id}")),
]

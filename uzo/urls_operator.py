"""Paths on the operator's host."""

from __future__ import annotations

from django.urls import include, path, re_path

from apps.kernel.admin import operator_site
from apps.kernel.api import handlers

urlpatterns = [
    path(
        "api/v1/",
        include(
            [
                path("", include("apps.kernel.api.urls")),
                path("", include("apps.accounts.api.urls_auth")),
                path("", include("apps.tenants.api.urls_operator")),
                path("", include("apps.vault.api.urls_operator")),
            ]
        ),
    ),
    re_path(r"^api/", handlers.api_not_found),
    path("admin/", operator_site.urls),
]

handler400 = handlers.bad_request
handler403 = handlers.forbidden
handler404 = handlers.not_found
handler500 = handlers.server_error

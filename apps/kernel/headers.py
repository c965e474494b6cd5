"""Headers that every answer carries, unless a page has set stricter ones itself."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

_COMMON = "base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
NOTHING = "default-src 'none'; frame-ancestors 'none'"
"""For answers that are data."""
PAGE = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    f"font-src 'self'; connect-src 'self'; {_COMMON}"
)
"""For pages: our own scripts, none inline."""
ADMIN = (
    "default-src 'none'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    f"img-src 'self' data:; font-src 'self'; connect-src 'self'; {_COMMON}"
)
"""For the admin alone: its pages' expressions (Alpine) are evaluated in the browser."""


class SecurityHeadersMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.setdefault("Content-Security-Policy", self._policy(request, response))
        response.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()")
        if request.path.startswith("/api/"):
            response.setdefault("Cache-Control", "no-store")
        return response

    def _policy(self, request: HttpRequest, response: HttpResponse) -> str:
        if not response.get("Content-Type", "").startswith("text/html"):
            return NOTHING
        return ADMIN if request.path.startswith("/admin/") else PAGE

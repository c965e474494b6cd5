"""Django's own error pages: problem documents for programs, plain pages for people."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import is_valid_path
from django.utils.http import escape_leading_slashes
from django.views import defaults
from django.views.decorators.csrf import csrf_exempt

from apps.kernel.api.problems import problem_of, unexpected, wants_problem
from apps.kernel.errors import Forbidden, Invalid, NotFound


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return problem_of(Invalid()) if wants_problem(request) else defaults.bad_request(request, exception)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return problem_of(Forbidden()) if wants_problem(request) else defaults.permission_denied(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A page's address with slashes at its end leads to the page."""
    if wants_problem(request):
        return problem_of(NotFound())
    bare = request.path_info.rstrip("/")
    if request.method in ("GET", "HEAD") and bare != request.path_info and is_valid_path(bare):
        return HttpResponseRedirect(escape_leading_slashes(f"{bare}?{request.META['QUERY_STRING']}".rstrip("?")))
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    return unexpected() if wants_problem(request) else defaults.server_error(request)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    """A form or script without the session's CSRF token."""
    return problem_of(csrf_failed())


def csrf_failed() -> Forbidden:
    return Forbidden(
        "The CSRF token is missing or not right",
        code="csrf_failed",
        remedy="Send the value of the csrftoken cookie in the X-CSRFToken header",
    )


@csrf_exempt
def api_not_found(request: HttpRequest, **_: Any) -> HttpResponse:  # noqa: ARG001
    """What no path of the API matches, a trailing slash included, by whatever method."""
    return problem_of(NotFound())

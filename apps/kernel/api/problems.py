"""Errors as RFC 9457 `application/problem+json`: the one place where an exception becomes an answer."""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.exceptions import ValidationError as DjangoValidationError
from django.core.signals import got_request_exception
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from rest_framework import exceptions as drf

from apps.kernel.errors import FieldError, Forbidden, Invalid, NotFound, TooLarge, UzoError

log = logging.getLogger("uzo.api")

MEDIA_TYPE = "application/problem+json"
# Codes of DRF's own refusals where the exception's class does not carry ours.
_DRF_CODES: Mapping[int, tuple[str, str]] = {
    400: ("invalid", "The request is not valid"),
    401: ("not_authenticated", "Sign in first"),
    403: ("forbidden", "You may not do that"),
    404: ("not_found", "Not found"),
    405: ("method_not_allowed", "This path does not know that method"),
    406: ("not_acceptable", "No such representation"),
    415: ("unsupported_media_type", "That type of body is not read here"),
    429: ("throttled", "Too many requests"),
}


def problem(
    *,
    status: int,
    code: str,
    title: str,
    detail: str = "",
    remedy: str = "",
    errors: Sequence[FieldError] = (),
    extra: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """A finished answer; it does not pass through content negotiation, so that it can never fail there."""
    body: dict[str, Any] = {
        "type": f"urn:uzo:problem:{code}",
        "title": title,
        "status": status,
        "detail": detail or title,
        "code": code,
    }
    if remedy:
        body["remedy"] = remedy
    if errors:
        body["errors"] = [{"field": each.field, "code": each.code, "message": each.message} for each in errors]
    body.update(extra or {})
    answer = HttpResponse(json.dumps(body, default=str), status=status, content_type=MEDIA_TYPE)
    for name, value in (headers or {}).items():
        answer[name] = value
    if status == 401:
        answer.setdefault("WWW-Authenticate", "Bearer")
    return answer


def problem_of(error: UzoError) -> HttpResponse:
    """The answer for one of our own errors."""
    return problem(
        status=error.status,
        code=error.code,
        title=type(error).title,
        detail=error.message,
        remedy=error.remedy,
        errors=error.errors if isinstance(error, Invalid) else (),
        extra=error.extra,
        headers=error.headers,
    )


def field_errors(detail: Any, path: str = "") -> Iterator[FieldError]:
    """DRF's nested error detail, flattened; `field` is a dotted path, lists count from 0."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            at = path if name == "non_field_errors" else f"{path}.{name}" if path else str(name)
            yield from field_errors(inner, at)
    elif isinstance(detail, list | tuple):
        for index, inner in enumerate(detail):
            at = f"{path}.{index}" if isinstance(inner, Mapping | list) and inner else path
            yield from field_errors(inner, at)
    else:
        yield FieldError(path, getattr(detail, "code", None) or "invalid", str(detail))


def _of_drf(error: drf.APIException) -> HttpResponse:
    if isinstance(error, drf.ValidationError):
        return problem_of(Invalid(errors=tuple(field_errors(error.detail))))
    code, title = _DRF_CODES.get(error.status_code, ("error", "Something went wrong"))
    headers: dict[str, str] = {}
    if getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = error.auth_header  # type: ignore[attr-defined]
    wait = getattr(error, "wait", None)
    if wait is not None:
        headers["Retry-After"] = str(max(1, math.ceil(wait)))
    return problem(status=error.status_code, code=code, title=title, detail=str(error.detail), headers=headers)


def _of_django(error: Exception) -> HttpResponse | None:
    known: UzoError
    match error:
        case Http404():
            known = NotFound()
        case PermissionDenied():
            known = Forbidden()
        case DjangoValidationError():
            known = Invalid(errors=tuple(_django_errors(error)))
        case RequestDataTooBig():
            known = TooLarge("The body is larger than 10 MB", remedy="Send less, or upload it as a file")
        case UnreadablePostError():
            known = Invalid("The body ended too early")
        case SuspiciousOperation():
            known = Invalid()
        case _:
            return None
    return problem_of(known)


def _django_errors(error: DjangoValidationError) -> Iterator[FieldError]:
    by_field = error.error_dict if hasattr(error, "error_dict") else {"": error.error_list}
    for field, wrongs in by_field.items():
        for wrong in wrongs:
            yield FieldError(
                "" if field == "__all__" else field, wrong.code or "invalid", " ".join(map(str, wrong.messages))
            )


def exception_handler(error: Exception, context: Mapping[str, Any]) -> HttpResponse:
    """Every exception of a view becomes a problem document; an unexpected one is logged and says nothing."""
    if isinstance(error, UzoError):
        if error.status >= 500:
            log.warning("%s: %s", error.code, error.message, exc_info=error)
        return problem_of(error)
    if isinstance(error, drf.APIException):
        return _of_drf(error)
    known = _of_django(error)
    if known is not None:
        return known
    request = context.get("request")
    log.error("unexpected error at %s", getattr(request, "path", "?"), exc_info=error)
    got_request_exception.send(sender=None, request=getattr(request, "_request", request))
    return unexpected()


def unexpected() -> HttpResponse:
    """The answer to what nobody foresaw: no details, which are in the log."""
    return problem(
        status=500,
        code="internal_error",
        title="Something went wrong on our side",
        remedy="Try again; if it stays, tell the operator when it happened",
    )


def wants_problem(request: HttpRequest) -> bool:
    """Whether an error on this path is for a program rather than for a person with a browser."""
    return request.path.startswith("/api/") or "text/html" not in request.headers.get("Accept", "")


__all__ = [
    "MEDIA_TYPE",
    "exception_handler",
    "problem",
    "problem_of",
    "unexpected",
    "wants_problem",
]

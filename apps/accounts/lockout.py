"""django-axes' hooks: for whom and from which address a try is, and what a closed door answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from apps.accounts.models.user import normal_email
from apps.kernel.api.problems import problem_of
from apps.kernel.errors import TooManyRequests


def client_address(request: HttpRequest) -> str:
    """The address of the peer. Behind a proxy the server is told to take it from there (uvicorn
    `--forwarded-allow-ips`); headers that anybody can send are not believed here."""
    return str(request.META.get("REMOTE_ADDR", ""))


def person_tried(request: HttpRequest, credentials: Mapping[str, Any] | None = None) -> str | None:
    """Whom a try is for, spelled as people are kept, so that no other spelling opens a count of its own."""
    said = credentials or request.POST
    name = said.get(settings.AXES_USERNAME_FORM_FIELD)
    return None if name is None else normal_email(str(name))


def too_many_attempts() -> TooManyRequests:
    return TooManyRequests(
        "Too many wrong passwords; the door is closed for a while",
        code="locked_out",
        retry_after=int(settings.AXES_COOLOFF_TIME.total_seconds()),
        remedy="Wait, or reset the password",
    )


def locked_out(*_: Any, **__: Any) -> HttpResponse:
    return problem_of(too_many_attempts())

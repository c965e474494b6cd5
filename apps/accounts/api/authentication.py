"""Three credentials: a bearer token, an API key, a browser's session. Each asks the database who it is now."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import QueryDict
from django.middleware.csrf import CsrfViewMiddleware
from django.utils.datastructures import MultiValueDict
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.request import Request

from apps.accounts import tokens
from apps.accounts.models import SignIn, User
from apps.accounts.services import api_keys, sign_in
from apps.kernel.api.handlers import csrf_failed
from apps.kernel.errors import NotAuthenticated


def _credential(request: Request, keyword: bytes) -> str | None:
    """What stands behind the keyword in Authorization; None if another keyword or nothing is there."""
    parts = get_authorization_header(request).split()
    if not parts or parts[0].lower() != keyword:
        return None
    if len(parts) != 2:
        raise NotAuthenticated("Authorization must be a keyword and one credential", code="token_invalid")
    try:
        return parts[1].decode("ascii")
    except UnicodeDecodeError as error:
        raise NotAuthenticated("The credential is not ASCII", code="token_invalid") from error


@cache
def _good_sign_ins() -> QuerySet[SignIn]:
    """Built once: every request asks for one of them."""
    return SignIn.objects.select_related("user__role").filter(revoked_at=None, user__is_active=True)


class BearerAuthentication(BaseAuthentication):
    """`Authorization: Bearer <access token>`; the person and their sign-in must still be good (THREATS 10)."""

    def authenticate(self, request: Request) -> tuple[User, SignIn] | None:
        token = _credential(request, b"bearer")
        if token is None:
            return None
        claims = tokens.read_access(token)
        sign_in = next(iter(_good_sign_ins().filter(pk=claims.sign_in_id, user_id=claims.user_id)), None)
        if sign_in is None:
            raise NotAuthenticated("This sign-in has ended", code="token_revoked", remedy="Sign in again")
        return sign_in.user, sign_in

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002
        return "Bearer"


class ApiKeyAuthentication(BaseAuthentication):
    """`Authorization: Api-Key <key>`; the key's scopes narrow what its person may do."""

    def authenticate(self, request: Request) -> tuple[User, Any] | None:
        secret = _credential(request, b"api-key")
        if secret is None:
            return None
        key = api_keys.find(secret)
        return key.user, key


class SessionAuthentication(BaseAuthentication):
    """The session of a page. Whoever changes something must also send the CSRF token."""

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        user = getattr(request._request, "user", None)
        if user is None or not user.is_authenticated or not user.is_active:
            return None
        check_csrf(request)
        sign_in.note_seen(user)
        return user, None


@contextmanager
def _body_unread(django_request: Any) -> Iterator[None]:
    """Django looks for the token in the form first, and would read an upload before the parser that knows how. Where
    the header brings the token, nobody need look into the body."""
    if settings.CSRF_HEADER_NAME not in django_request.META or hasattr(django_request, "_post"):
        yield
        return
    django_request._post, django_request._files = QueryDict(), MultiValueDict()
    try:
        yield
    finally:
        del django_request._post, django_request._files


def check_csrf(request: Request) -> None:
    """Raises Forbidden `csrf_failed`."""
    check = CsrfViewMiddleware(lambda _: None)  # type: ignore[arg-type]
    django_request: Any = request._request
    check.process_request(django_request)
    exempt = getattr(django_request, "csrf_processing_done", False)
    django_request.csrf_processing_done = False
    with _body_unread(django_request):
        refused = check.process_view(django_request, lambda: None, (), {})  # type: ignore[arg-type, return-value]
    django_request.csrf_processing_done = exempt
    if refused is not None:
        raise csrf_failed()

"""The host decides the tenant: exactly, before anything else looks at the request."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port

from apps.kernel.api.problems import problem_of
from apps.kernel.connections import connection
from apps.kernel.errors import Forbidden, NotFound
from apps.tenants.hosts import tenant_of
from apps.tenants.models import Subscription


class TenantMiddleware:
    """Unknown host: 404. The operator's host: public schema and the operators' paths. A suspended tenant: 403.

    The schema is put back to public afterwards, so that nothing which runs later on the same connection
    finds the last visitor's tenant (THREATS 1).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        connection.set_schema_to_public()
        try:
            return self._answer(request)
        finally:
            connection.set_schema_to_public()

    def _answer(self, request: HttpRequest) -> HttpResponse:
        try:
            host, _ = split_domain_port(request.get_host())
        except DisallowedHost:
            return problem_of(NotFound("No such host"))
        if request.get_host().split(":")[0].endswith("."):
            return problem_of(NotFound("No such host"))
        if host == settings.OPERATOR_HOST:
            request.tenant = connection.tenant  # type: ignore[attr-defined]
            request.urlconf = settings.PUBLIC_SCHEMA_URLCONF
            return self.get_response(request)
        subscription = tenant_of(host)
        if subscription is None or subscription.status == Subscription.Status.PROVISIONING:
            return problem_of(NotFound("No such host"))
        if not subscription.is_active:
            return problem_of(
                Forbidden("This subscription is suspended", code="suspended", remedy="Ask the operator to resume it")
            )
        subscription.domain_url = host
        request.tenant = subscription  # type: ignore[attr-defined]
        connection.set_tenant(subscription)
        return self.get_response(request)

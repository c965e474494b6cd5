"""The ticket that opens a socket."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api.base import Rule, SignedIn, TenantAPIView
from apps.accounts.models import ApiKey, SignIn
from apps.kernel.connections import connection
from apps.realtime import tickets
from apps.realtime.identity import Credential


class TicketSerializer(serializers.Serializer[Any]):
    ticket = serializers.CharField()
    expires_in = serializers.IntegerField(help_text="Seconds")


class TicketView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"post": SignedIn()}

    @extend_schema(request=None, responses={200: TicketSerializer}, tags=["auth"])
    def post(self, request: Request) -> Response:
        """A ticket to be used once, as `/ws/?ticket=…`. It ends with the credential that asked for it."""
        holder = {"user_id": str(self.viewer.pk), "credential": _credential(request).as_json()}
        ticket = tickets.issue(connection.schema_name, holder)
        return Response({"ticket": ticket, "expires_in": settings.SOCKET_TICKET_SECONDS})


def _credential(request: Request) -> Credential:
    match request.auth:
        case SignIn() as sign_in:
            return Credential(sign_in_id=sign_in.pk)
        case ApiKey() as api_key:
            return Credential(api_key_id=api_key.pk)
        case _:
            return Credential(session_key=request._request.session.session_key)

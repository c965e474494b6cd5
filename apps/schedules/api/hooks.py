"""Endpoints of webhooks in: making them, and the address that deliveries come to."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.access import Level
from apps.accounts.api.base import OnObject, Public, Rule, SignedIn
from apps.executions.api.serializers import WaitQuery
from apps.executions.services import answering
from apps.kernel.api.documents import list_schema
from apps.kernel.api.parsers import parse_json
from apps.kernel.api.throttles import WindowThrottle
from apps.kernel.errors import TooManyRequests
from apps.schedules import selectors
from apps.schedules.api.base import LIST, StarterView
from apps.schedules.api.rules import OnStarter
from apps.schedules.api.serializers import (
    DeliveryAnswerSerializer,
    HookEventSerializer,
    HookRefusalSerializer,
    HookSerializer,
    HookWriteSerializer,
    NewHookSerializer,
)
from apps.schedules.core.signing import Delivery
from apps.schedules.models import Hook
from apps.schedules.services import hooks, refusals

TAGS = ["webhooks in"]
HEADERS = [
    OpenApiParameter("webhook-id", str, OpenApiParameter.HEADER, description="Of the event: the same again is a copy"),
    OpenApiParameter("webhook-timestamp", str, OpenApiParameter.HEADER, description="Unix seconds"),
    OpenApiParameter(
        "webhook-signature",
        str,
        OpenApiParameter.HEADER,
        description="`v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`",
    ),
]
EVENTS: dict[str, Any] = {
    "filters": {"event_id": "event_id"}, "ordering": ["created_at"], "default_ordering": "-created_at",
}  # fmt: skip
REFUSALS: dict[str, Any] = {
    "filters": {"code": "code"}, "ordering": ["last_at", "count"], "default_ordering": "-last_at",
}  # fmt: skip


class HookThrottle(WindowThrottle):
    """Deliveries of one hook that were signed: nobody else's count."""

    scope = "hook"

    def get_cache_key(self, request: Request, view: Any) -> str | None:  # noqa: ARG002
        return f"hook:{view.kwargs['id']}"


class HooksView(StarterView):
    rules: ClassVar[dict[str, Rule]] = {"get": SignedIn()}

    @list_schema(HookSerializer, **LIST, tags=TAGS)
    def get(self, request: Request) -> Response:  # noqa: ARG002
        """Hooks of all that one may read."""
        return self.list_response(selectors.visible(self.viewer, Hook), HookSerializer, **LIST)


class _HooksOf(StarterView):
    def _list(self, **of: Any) -> Response:
        return self.list_response(selectors.visible(self.viewer, Hook).filter(**of), HookSerializer, **LIST)

    def _create(self, request: Request) -> Response:
        said = self.said(request, HookWriteSerializer)
        made = hooks.create_hook(target=self.object, by=self.viewer, **said)
        return Response(NewHookSerializer(made).data, status=201)


class JobHooksView(_HooksOf):
    rules: ClassVar[dict[str, Rule]] = {"get": OnObject("job"), "post": OnObject("job", Level.WRITE)}

    @list_schema(HookSerializer, **LIST, tags=TAGS)
    def get(self, request: Request, **_: Any) -> Response:  # noqa: ARG002
        return self._list(job=self.object)

    @extend_schema(request=HookWriteSerializer, responses={201: NewHookSerializer}, tags=TAGS)
    def post(self, request: Request, **_: Any) -> Response:
        """An address that runs the job, in the name of whoever makes it. The secret is shown this once."""
        return self._create(request)


class WorkflowHooksView(_HooksOf):
    rules: ClassVar[dict[str, Rule]] = {"get": OnObject("workflow"), "post": OnObject("workflow", Level.WRITE)}

    @list_schema(HookSerializer, **LIST, tags=TAGS)
    def get(self, request: Request, **_: Any) -> Response:  # noqa: ARG002
        return self._list(workflow=self.object)

    @extend_schema(request=HookWriteSerializer, responses={201: NewHookSerializer}, tags=TAGS)
    def post(self, request: Request, **_: Any) -> Response:
        """An address that runs the workflow, in the name of whoever makes it. The secret is shown this once."""
        return self._create(request)


class HookView(StarterView):
    rules: ClassVar[dict[str, Rule]] = {
        "get": OnStarter(Hook),
        "post": Public(),
        "patch": OnStarter(Hook, Level.WRITE),
        "delete": OnStarter(Hook, Level.WRITE),
    }

    def get_authenticators(self) -> Any:
        # A delivery is known by its signature: whatever else the sender calls itself means nothing here.
        return [] if self.request is not None and self.request.method == "POST" else super().get_authenticators()

    @extend_schema(responses={200: HookSerializer}, tags=TAGS)
    def get(self, request: Request, **_: Any) -> Response:  # noqa: ARG002
        return Response(HookSerializer(self.object).data)

    @extend_schema(
        parameters=[*HEADERS, WaitQuery],
        request={"application/json": {"type": "object", "description": "Any JSON of at most 64 KB"}},
        responses={202: DeliveryAnswerSerializer},
        tags=TAGS,
    )
    def post(self, request: Request, id: UUID) -> Response:
        """Deliver an event, signed as Standard Webhooks says. 401 `unsigned`, `bad_signature` or `stale`.

        An event that came before starts nothing again; the answer names what it started then. With
        `?wait=seconds`, where the hook starts a workflow that is over in time, the answer is what its
        `http_response` node says.
        """
        query = WaitQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        body: bytes = request._request.body
        headers = request.headers
        delivery = Delivery(
            headers.get("webhook-id"), headers.get("webhook-timestamp"), headers.get("webhook-signature")
        )
        hook = hooks.find(id)
        with refusals.noted(hook, delivery.id):
            hooks.authenticate(hook=hook, delivery=delivery, body=body)
            throttle = HookThrottle()
            if not throttle.allow_request(request, self):
                raise TooManyRequests(retry_after=max(1, round(throttle.wait())))
            payload = parse_json(body) if body else None
            accepted = hooks.accept(hook=hook, event_id=delivery.id or "", payload=payload)
        execution_id, seconds = accepted.event.execution_id, query.validated_data.get("wait")
        if execution_id is not None and seconds is not None:
            execution = answering.wait_until_over(execution_id, seconds=seconds)
            said = answering.answer_of(execution) if execution.is_over else None
            if said is not None:
                return Response(said.body, status=said.status, headers=dict(said.headers))
        answer = {
            "event_id": accepted.event.event_id,
            "duplicate": accepted.duplicate,
            "job_run_id": accepted.event.job_run_id,
            "execution_id": accepted.event.execution_id,
        }
        return Response(DeliveryAnswerSerializer(answer).data, status=202)

    @extend_schema(request=HookWriteSerializer, responses={200: HookSerializer}, tags=TAGS)
    def patch(self, request: Request, **_: Any) -> Response:
        said = self.said(request, HookWriteSerializer, partial=True)
        return Response(HookSerializer(hooks.change_hook(hook=self.object, by=self.viewer, changes=said)).data)

    @extend_schema(responses={204: None}, tags=TAGS)
    def delete(self, request: Request, **_: Any) -> Response:  # noqa: ARG002
        hooks.delete_hook(hook=self.object, by=self.viewer)
        return Response(status=204)


class HookSecretView(StarterView):
    rules: ClassVar[dict[str, Rule]] = {"post": OnStarter(Hook, Level.WRITE)}

    @extend_schema(request=None, responses={200: NewHookSerializer}, tags=TAGS)
    def post(self, request: Request, **_: Any) -> Response:  # noqa: ARG002
        """A new secret, shown this once; the old one is good for another day."""
        return Response(NewHookSerializer(hooks.rotate_secret(hook=self.object, by=self.viewer)).data)


class HookEventsView(StarterView):
    rules: ClassVar[dict[str, Rule]] = {"get": OnStarter(Hook)}

    @list_schema(HookEventSerializer, **EVENTS, tags=TAGS)
    def get(self, request: Request, **_: Any) -> Response:  # noqa: ARG002
        """What was delivered, the latest first."""
        return self.list_response(selectors.events_of(self.object), HookEventSerializer, **EVENTS)


class HookRefusalsView(StarterView):
    rules: ClassVar[dict[str, Rule]] = {"get": OnStarter(Hook)}

    @list_schema(HookRefusalSerializer, **REFUSALS, tags=TAGS)
    def get(self, request: Request, **_: Any) -> Response:  # noqa: ARG002
        """What was refused, counted by reason and day, the latest first. Of the deliveries themselves nothing is kept
        but the id that the last one gave."""
        return self.list_response(self.object.refusals.all(), HookRefusalSerializer, **REFUSALS)

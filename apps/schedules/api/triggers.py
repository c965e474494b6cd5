"""Endpoints of triggers."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.access import Level
from apps.accounts.api.base import OnObject, Rule, SignedIn
from apps.kernel.api.documents import list_schema
from apps.schedules import selectors
from apps.schedules.api.base import LIST, StarterView
from apps.schedules.api.rules import OnStarter
from apps.schedules.api.serializers import (
    TriggerChangeSerializer,
    TriggerFireSerializer,
    TriggerSerializer,
    TriggerWriteSerializer,
)
from apps.schedules.models import Trigger
from apps.schedules.services import triggers

TAGS = ["triggers"]
TRIGGERS: dict[str, Any] = {
    **LIST,
    "filters": {**LIST["filters"], "kind": "kind", "connector": "connector_id", "source": "source_id"},
}
FIRES: dict[str, Any] = {
    "filters": {"status": "status"}, "ordering": ["created_at"], "default_ordering": "-created_at",
}  # fmt: skip


class TriggersView(StarterView):
    rules: ClassVar[dict[str, Rule]] = {"get": SignedIn()}

    @list_schema(TriggerSerializer, **TRIGGERS, tags=TAGS)
    def get(self, request: Request) -> Response:  # noqa: ARG002
        """Triggers of all that one may read."""
        return self.list_response(selectors.visible(self.viewer, Trigger), TriggerSerializer, **TRIGGERS)


class _TriggersOf(StarterView):
    def _list(self, **of: Any) -> Response:
        found = selectors.visible(self.viewer, Trigger).filter(**of)
        return self.list_response(found, TriggerSerializer, **TRIGGERS)

    def _create(self, request: Request) -> Response:
        said = self.said(request, TriggerWriteSerializer)
        trigger = triggers.create_trigger(target=self.object, by=self.viewer, **said)
        return Response(TriggerSerializer(trigger).data, status=201)


class JobTriggersView(_TriggersOf):
    rules: ClassVar[dict[str, Rule]] = {"get": OnObject("job"), "post": OnObject("job", Level.WRITE)}

    @list_schema(TriggerSerializer, **TRIGGERS, tags=TAGS)
    def get(self, request: Request, **_: Any) -> Response:  # noqa: ARG002
        return self._list(job=self.object)

    @extend_schema(request=TriggerWriteSerializer, responses={201: TriggerSerializer}, tags=TAGS)
    def post(self, request: Request, **_: Any) -> Response:
        """Run the job when a file arrives or a workflow has ended, in the name of whoever saves it."""
        return self._create(request)


class WorkflowTriggersView(_TriggersOf):
    rules: ClassVar[dict[str, Rule]] = {"get": OnObject("workflow"), "post": OnObject("workflow", Level.WRITE)}

    @list_schema(TriggerSerializer, **TRIGGERS, tags=TAGS)
    def get(self, request: Request, **_: Any) -> Response:  # noqa: ARG002
        return self._list(workflow=self.object)

    @extend_schema(request=TriggerWriteSerializer, responses={201: TriggerSerializer}, tags=TAGS)
    def post(self, request: Request, **_: Any) -> Response:
        """Run the workflow when a file arrives or another workflow has ended."""
        return self._create(request)


class TriggerView(StarterView):
    rules: ClassVar[dict[str, Rule]] = {
        "get": OnStarter(Trigger),
        "patch": OnStarter(Trigger, Level.WRITE),
        "delete": OnStarter(Trigger, Level.WRITE),
    }

    @extend_schema(responses={200: TriggerSerializer}, tags=TAGS)
    def get(self, request: Request, **_: Any) -> Response:  # noqa: ARG002
        return Response(TriggerSerializer(self.object).data)

    @extend_schema(request=TriggerChangeSerializer, responses={200: TriggerSerializer}, tags=TAGS)
    def patch(self, request: Request, **_: Any) -> Response:
        said = self.said(request, TriggerChangeSerializer, partial=True)
        trigger = triggers.change_trigger(trigger=self.object, by=self.viewer, changes=said)
        return Response(TriggerSerializer(trigger).data)

    @extend_schema(responses={204: None}, tags=TAGS)
    def delete(self, request: Request, **_: Any) -> Response:  # noqa: ARG002
        triggers.delete_trigger(trigger=self.object, by=self.viewer)
        return Response(status=204)


class TriggerFiresView(StarterView):
    rules: ClassVar[dict[str, Rule]] = {"get": OnStarter(Trigger)}

    @list_schema(TriggerFireSerializer, **FIRES, tags=TAGS)
    def get(self, request: Request, **_: Any) -> Response:  # noqa: ARG002
        """What it started, the latest first, and why it did not."""
        return self.list_response(selectors.fires_of(self.object), TriggerFireSerializer, **FIRES)

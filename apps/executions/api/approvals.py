"""Endpoints of approvals."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api.base import Rule, SignedIn, TenantAPIView
from apps.executions import approvals
from apps.executions.api.rules import OnApproval
from apps.executions.models import Approval
from apps.executions.services.approvals import DECISIONS, decide
from apps.kernel.api.documents import list_schema

TAGS = ["approvals"]
LIST: dict[str, Any] = {
    "filters": {
        "status": "status",
        "execution": "execution_id",
        "workflow": "execution__workflow_id",
        "node_id": "node_id",
    },
    "search": ["message", "execution__workflow__name"],
    "ordering": ["created_at", "expires_at", "decided_at", "status"],
    "default_ordering": "-created_at",
}


class DecidedBySerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    email = serializers.CharField()


class ApprovalSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    execution_id = serializers.UUIDField()
    workflow_id = serializers.UUIDField()
    workflow_name = serializers.CharField()
    node_id = serializers.CharField()
    message = serializers.CharField(allow_blank=True)
    status = serializers.ChoiceField(Approval.Status.values)
    may_decide = serializers.BooleanField(help_text="Whether it is pending and the viewer may decide it")
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    decided_by = DecidedBySerializer(allow_null=True)
    comment = serializers.CharField(allow_blank=True)

    def to_representation(self, instance: Approval) -> dict[str, Any]:
        return approvals.body(instance, self.context["viewer"])


class DecisionSerializer(serializers.Serializer[Any]):
    decision = serializers.ChoiceField(list(DECISIONS))
    comment = serializers.CharField(required=False, default="", allow_blank=True, max_length=2000)


class ApprovalsView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"get": SignedIn()}

    @list_schema(ApprovalSerializer, **LIST, tags=TAGS)
    def get(self, request: Request) -> Response:  # noqa: ARG002
        """Those that one may decide, and those of executions that one began; newest first."""
        found = approvals.visible_approvals(self.viewer)
        return self.list_response(found, ApprovalSerializer, context={"viewer": self.viewer}, **LIST)


class ApprovalView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"get": OnApproval(), "post": OnApproval(to_decide=True)}

    @extend_schema(responses={200: ApprovalSerializer}, tags=TAGS)
    def get(self, request: Request, **_: Any) -> Response:  # noqa: ARG002
        return Response(approvals.body(self.object, self.viewer))

    @extend_schema(request=DecisionSerializer, responses={200: ApprovalSerializer}, tags=TAGS)
    def post(self, request: Request, **_: Any) -> Response:
        """Decide. 409 `already_decided`, or `expired`; the execution goes on at once."""
        said = DecisionSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        decided = decide(viewer=self.viewer, approval_id=self.object.pk, **said.validated_data)
        return Response(approvals.body(decided, self.viewer))

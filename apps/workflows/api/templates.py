"""Templates: whole workflows to begin with, and copying one."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api.base import Rule, SignedIn, TenantAPIView
from apps.kernel.api.documents import list_schema
from apps.kernel.api.listing import require_known
from apps.kernel.api.pagination import PageNumberPagination
from apps.workflows import template_choices
from apps.workflows.api.fields import JsonObjectField
from apps.workflows.api.serializers import SavedWorkflowSerializer, saved_body
from apps.workflows.services.templates import copy_template
from apps.workspaces.models.resource import NAME_LENGTH
from apps.workspaces.services.placing import named_in_body

TAGS = ["templates"]


class ChoiceSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()


class SlotSerializer(serializers.Serializer[Any]):
    """A connector that the copy needs."""

    name = serializers.CharField(help_text="The key in `connectors` when it is copied")
    connector_type = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    description = serializers.CharField()
    choices = ChoiceSerializer(many=True, help_text="Connectors of this type that you may use, by name")
    proposed = serializers.UUIDField(allow_null=True, help_text="The one of them to begin with")


class TemplateSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField()
    categories = serializers.ListField(child=serializers.CharField())
    slots = SlotSerializer(many=True)
    workflow_diagram = JsonObjectField(help_text="`connectorId` names a slot")
    parameters = JsonObjectField()
    companions = serializers.ListField(
        child=serializers.CharField(), help_text="Names of the workflows that come along as sub-workflows"
    )


class TemplateCopySerializer(serializers.Serializer[Any]):
    """Exactly one of `job_id` and `folder_id`."""

    job_id = serializers.UUIDField(required=False, help_text="The job that the workflow is put into")
    folder_id = serializers.UUIDField(required=False, help_text="Or the folder in which a job is made for it")
    connectors = serializers.DictField(
        child=serializers.UUIDField(),
        required=False,
        help_text="Connector by slot; a slot left out stays to be chosen, and the copy is a draft until then",
    )
    name = serializers.CharField(required=False, max_length=NAME_LENGTH, help_text="By default the template's")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("job_id" in attrs) == ("folder_id" in attrs):
            raise serializers.ValidationError({"job_id": "give either a job or a folder"})
        return attrs


class TemplatesView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"get": SignedIn()}

    @list_schema(TemplateSerializer, tags=TAGS, filters={"category": "category", "search": "search"})
    def get(self, request: Request) -> Response:
        """Templates by name, each with the connectors that you could fill its slots with."""
        require_known(request, "category", "search")
        query = request.query_params
        found = template_choices.offered(self.viewer, category=query.get("category"), search=query.get("search", ""))
        paginator = PageNumberPagination()
        page = paginator.paginate_queryset(found, request, view=self)
        return paginator.get_paginated_response(TemplateSerializer(page, many=True).data)


class TemplateView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"get": SignedIn()}

    @extend_schema(responses={200: TemplateSerializer}, tags=TAGS)
    def get(self, request: Request, template_id: str) -> Response:  # noqa: ARG002
        template = template_choices.template_named(template_id)
        return Response(TemplateSerializer(template_choices.offer(self.viewer, [template])[0]).data)


class TemplateCopyView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"post": SignedIn()}

    @extend_schema(request=TemplateCopySerializer, responses={201: SavedWorkflowSerializer}, tags=TAGS)
    def post(self, request: Request, template_id: str) -> Response:
        template = template_choices.template_named(template_id)
        body = TemplateCopySerializer(data=request.data)
        body.is_valid(raise_exception=True)
        said = body.validated_data
        kind = "job" if "job_id" in said else "folder"
        into = named_in_body(self.viewer, kind, said[f"{kind}_id"], field=f"{kind}_id")
        saved = copy_template(
            template=template,
            into=into,
            by=self.viewer,
            connectors=said.get("connectors", {}),
            name=said.get("name"),
        )
        return Response(saved_body(saved), status=201, headers={"ETag": f'"{saved.version.number}"'})

"""The functions of the expression language, for completion and the reference."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api.base import Rule, SignedIn, TenantAPIView
from apps.kernel.api.documents import list_schema
from apps.kernel.api.listing import require_known
from apps.kernel.api.pagination import PageNumberPagination
from apps.transforms.expressions.functions import FUNCTIONS
from apps.workflows.api.node_types import CACHED


class ExpressionFunctionSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(help_text="Its name in the SQL spelling")
    family = serializers.ChoiceField(["numbers", "text", "dates", "conditions", "lists", "json"])
    signature = serializers.CharField(help_text="For people: `round(x, digits = 0)`")
    aliases = serializers.ListField(child=serializers.CharField())
    methods = serializers.ListField(child=serializers.CharField(), help_text="Polars methods: `str.to_uppercase`")
    documentation = serializers.CharField()
    examples = serializers.ListField(child=serializers.CharField())


class ExpressionFunctionsView(TenantAPIView):
    rules: ClassVar[dict[str, Rule]] = {"get": SignedIn()}

    @list_schema(ExpressionFunctionSerializer, tags=["node types"], filters={"family": "family"})
    def get(self, request: Request) -> Response:
        """What an expression may call: the table that the checker reads, so nothing else exists."""
        require_known(request, "family")
        family = request.query_params.get("family")
        found = [each.as_json() for each in FUNCTIONS.values() if family in (None, each.family)]
        paginator = PageNumberPagination()
        page = paginator.paginate_queryset(found, request, view=self)
        answer = paginator.get_paginated_response(page)
        answer["Cache-Control"] = CACHED
        return answer

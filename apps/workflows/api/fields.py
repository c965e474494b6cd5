"""Fields for diagrams and what is found out about them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers


@extend_schema_field({"type": "object", "additionalProperties": True})
class JsonObjectField(serializers.Field[Any, Any, Any, Any]):
    """A JSON object as it came, nothing looked at or copied; the parser has checked that it is JSON."""

    default_error_messages = {"not_an_object": "This must be an object"}

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, dict):
            self.fail("not_an_object")
        return data

    def to_representation(self, value: Any) -> Any:
        return value


class PositionSerializer(serializers.Serializer[Any]):
    start = serializers.IntegerField(min_value=0)
    end = serializers.IntegerField(min_value=0)


class NodeProblemSerializer(serializers.Serializer[Any]):
    """What is wrong with a node, or with the whole graph where `node_id` is null."""

    node_id = serializers.CharField(allow_null=True)
    field = serializers.CharField(allow_null=True)
    code = serializers.CharField()
    message = serializers.CharField()
    severity = serializers.ChoiceField(["error", "warning"])
    position = PositionSerializer(required=False)


class DependenciesSerializer(serializers.Serializer[Any]):
    adjacency = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))
    execution_order = serializers.ListField(child=serializers.CharField())
    levels = serializers.ListField(child=serializers.ListField(child=serializers.CharField()))
    node_count = serializers.IntegerField(min_value=0)
    edge_count = serializers.IntegerField(min_value=0)


class StageSerializer(serializers.Serializer[Any]):
    """Nodes that run together."""

    id = serializers.CharField()
    kind = serializers.ChoiceField(
        ["fused", "effect", "loop", "pushed"],
        help_text="fused: transforms as one plan; effect: one node that acts; loop: a loop and its body; "
        "pushed: a chain from a read to a write whose rows pass without being kept",
    )
    nodes = serializers.ListField(child=serializers.CharField())
    after = serializers.ListField(child=serializers.CharField(), help_text="Stages that must be over before")
    in_sql = serializers.BooleanField(
        help_text="The source does the chain's transforms in its own SQL, as far as is known before it runs"
    )


class DependencyReportSerializer(DependenciesSerializer):
    critical_path = serializers.ListField(child=serializers.CharField())
    parallel_branches = serializers.ListField(child=serializers.ListField(child=serializers.CharField()))


@extend_schema_field(
    {
        "type": "object",
        "description": "node id → port → columns [{name, type, nullable}], or {dynamic: true, columns} "
        "where only the data knows (more) columns",
        "additionalProperties": {"type": "object", "additionalProperties": {"type": ["array", "object"]}},
    }
)
class PortsField(serializers.Field[Any, Any, Any, Any]):
    def to_representation(self, value: Any) -> Any:
        return value


class SchemaSerializer(serializers.Serializer[Any]):
    nodes = PortsField()

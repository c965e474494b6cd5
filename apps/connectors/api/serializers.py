"""Shapes of bodies and answers."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.connectors.core.configuration import shown
from apps.connectors.models import Connector
from apps.connectors.sdk.registry import find
from apps.workspaces.models.resource import DESCRIPTION_LENGTH, NAME_LENGTH


class AnyObject(serializers.JSONField):
    """A JSON object; what is in it depends on the connector's type."""


class ConnectorSerializer(serializers.ModelSerializer[Connector]):
    """Secrets in `config` come back as `{set: true}`."""

    config = serializers.SerializerMethodField()

    class Meta:
        model = Connector
        fields = [
            "id", "name", "description", "connector_type", "config", "max_concurrent_executions", "version",
            "discovered_at", "created_at", "updated_at",
        ]  # fmt: skip

    def get_config(self, row: Connector) -> dict[str, Any]:
        kind = find(row.connector_type)
        return dict(row.config) if kind is None else shown(kind.Config, row.config, row.secrets)


def at_once() -> serializers.IntegerField:
    return serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=100_000,
        help_text="So many executions that use it run at once; further ones wait. Null: any number",
    )


class ConnectorCreateSerializer(serializers.Serializer[Any]):
    max_concurrent_executions = at_once()
    name = serializers.CharField(max_length=NAME_LENGTH)
    description = serializers.CharField(max_length=DESCRIPTION_LENGTH, allow_blank=True, required=False)
    connector_type = serializers.CharField(max_length=50)
    config = serializers.DictField(required=False)


class ConnectorChangeSerializer(serializers.Serializer[Any]):
    max_concurrent_executions = at_once()
    name = serializers.CharField(max_length=NAME_LENGTH, required=False)
    description = serializers.CharField(max_length=DESCRIPTION_LENGTH, allow_blank=True, required=False)
    config = serializers.DictField(required=False)


class TestUnsavedSerializer(serializers.Serializer[Any]):
    connector_type = serializers.CharField(max_length=50)
    config = serializers.DictField(required=False)


class CheckResultSerializer(serializers.Serializer[Any]):
    ok = serializers.BooleanField()
    code = serializers.CharField()
    message = serializers.CharField(allow_blank=True)
    remedy = serializers.CharField(allow_blank=True)
    latency_ms = serializers.FloatField()


class ColumnSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    type = serializers.CharField()
    nullable = serializers.BooleanField()


class ForeignKeySerializer(serializers.Serializer[Any]):
    """`columns` name a row of another table; without `referenced_columns` it is by its primary key."""

    columns = serializers.ListField(child=serializers.CharField())
    references = serializers.CharField()
    referenced_columns = serializers.ListField(child=serializers.CharField())


class TableSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    columns = ColumnSerializer(many=True)
    dynamic = serializers.BooleanField()
    keys = serializers.ListField(child=serializers.CharField())
    rows = serializers.IntegerField(allow_null=True)
    foreign_keys = ForeignKeySerializer(many=True)
    discovered_at = serializers.DateTimeField()


class SchemaSerializer(serializers.Serializer[Any]):
    """`discovered_at` is when all tables were asked for last; null if never."""

    discovered_at = serializers.DateTimeField(allow_null=True)
    tables = TableSerializer(many=True)


class DiscoverSerializer(serializers.Serializer[Any]):
    table = serializers.CharField(max_length=500, required=False, help_text="Only this one; all if left out")


class PreviewRequestSerializer(serializers.Serializer[Any]):
    """Exactly one of `table` and `query`."""

    table = serializers.CharField(max_length=2000, required=False)
    query = serializers.CharField(max_length=100_000, required=False)
    parameters = serializers.JSONField(required=False, help_text="Values of the query's parameters, by name")
    columns = serializers.ListField(child=serializers.CharField(max_length=1000), required=False)
    format = serializers.DictField(required=False)
    limit = serializers.IntegerField(min_value=1, required=False, help_text="At most 1,000; more is clamped")

    def validate_parameters(self, value: Any) -> Any:
        if not isinstance(value, dict | list):
            raise serializers.ValidationError("must be an object or a list")
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("table" in attrs) == ("query" in attrs):
            raise serializers.ValidationError({"table": "give either a table or a query"})
        return attrs


class TypedColumnSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    type = serializers.CharField()


class RowsSerializer(serializers.Serializer[Any]):
    columns = TypedColumnSerializer(many=True)
    rows = serializers.ListField(child=serializers.ListField())
    row_count = serializers.IntegerField()


class StoredFileSerializer(serializers.Serializer[Any]):
    """`columns` is null where the file is no table; then `problem` says why."""

    name = serializers.CharField()
    size = serializers.IntegerField()
    sha256 = serializers.CharField(allow_null=True)
    columns = ColumnSerializer(many=True, allow_null=True)
    stored_at = serializers.DateTimeField()
    problem = serializers.DictField(required=False)


class UploadSerializer(serializers.Serializer[Any]):
    file = serializers.FileField(allow_empty_file=True)


class ConnectorTypeSerializer(serializers.Serializer[Any]):
    type = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    description = serializers.CharField()
    category = serializers.CharField()
    icon = serializers.CharField()
    color = serializers.CharField()
    capabilities = serializers.DictField()
    config_schema = serializers.DictField()
    secret_fields = serializers.ListField(child=serializers.CharField())
    documentation = serializers.CharField()

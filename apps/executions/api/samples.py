"""Bodies about samples: what their columns hold, how the sides of a join fit."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.executions.api.serializers import NodeExecuteSerializer


class AnyValue(serializers.JSONField):
    """A value as in rows."""


class TopSerializer(serializers.Serializer[Any]):
    value = AnyValue()
    count = serializers.IntegerField(min_value=1)


class HistogramSerializer(serializers.Serializer[Any]):
    low = AnyValue()
    high = AnyValue()
    counts = serializers.ListField(child=serializers.IntegerField(min_value=0))


class ColumnStatisticsSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    type = serializers.CharField()
    nulls = serializers.IntegerField(min_value=0)
    distinct = serializers.IntegerField(min_value=0, allow_null=True, help_text="Without null; null for lists")
    min = AnyValue(allow_null=True)
    max = AnyValue(allow_null=True)
    mean = AnyValue(allow_null=True)
    top = TopSerializer(many=True, help_text="The most frequent values, at most 20")
    histogram = HistogramSerializer(allow_null=True, help_text="Counts in parts of equal width from low to high")


class StatisticsSerializer(serializers.Serializer[Any]):
    columns = ColumnStatisticsSerializer(many=True)
    rows = serializers.IntegerField(min_value=0, help_text="Rows that were looked at")
    sampled = serializers.BooleanField(help_text="Whether there are more rows than were looked at")
    at = serializers.DateTimeField()


class MatchesRequestSerializer(serializers.Serializer[Any]):
    mock_inputs = NodeExecuteSerializer().fields["mock_inputs"]


class MatchesSerializer(serializers.Serializer[Any]):
    left = serializers.IntegerField(min_value=0, help_text="Rows that arrive on the left")
    right = serializers.IntegerField(min_value=0, help_text="Rows that arrive on the right")
    rows = serializers.IntegerField(min_value=0, help_text="Rows that come out")
    matched_left = serializers.IntegerField(allow_null=True, help_text="With a partner; null without equal keys")
    matched_right = serializers.IntegerField(allow_null=True, help_text="With a partner; null without equal keys")
    sampled = serializers.BooleanField(help_text="Whether sources were read in part only")
    at = serializers.DateTimeField()

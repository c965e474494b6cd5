"""Shapes of subscriptions and features."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.tenants.models import Plan, Subscription


class SubscriptionSerializer(serializers.ModelSerializer[Subscription]):
    plan = serializers.CharField(source="plan.key", read_only=True)
    hosts: Any = serializers.SlugRelatedField(source="domains", slug_field="domain", many=True, read_only=True)

    class Meta:
        model = Subscription
        fields = [
            "id", "name", "description", "status", "plan", "hosts", "registration_open", "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = fields


class OwnerSerializer(serializers.Serializer[Any]):
    email = serializers.EmailField(max_length=254)
    name = serializers.CharField(max_length=200, allow_blank=True, default="")
    password = serializers.CharField(
        required=False, allow_null=True, write_only=True, trim_whitespace=False, max_length=1000
    )


class SubscriptionCreateSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=200)
    host = serializers.CharField(max_length=253)
    plan = serializers.SlugField(default="standard")
    description = serializers.CharField(allow_blank=True, default="", max_length=10_000)
    registration_open = serializers.BooleanField(default=False)
    owner = OwnerSerializer(required=False, allow_null=True)


class SubscriptionChangeSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=200, required=False)
    description = serializers.CharField(allow_blank=True, required=False, max_length=10_000)
    registration_open = serializers.BooleanField(required=False)
    plan = serializers.SlugField(required=False)
    status = serializers.ChoiceField(["active", "suspended"], required=False)


class UpgradeSerializer(serializers.Serializer[Any]):
    plan = serializers.SlugField()


class FeatureSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(["switch", "limit"])
    enabled = serializers.BooleanField()
    limit = serializers.IntegerField(allow_null=True, help_text="Of a limit; null is without limit")
    source = serializers.ChoiceField(["override", "plan", "default"])  # type: ignore[assignment]


class PlanSerializer(serializers.ModelSerializer[Plan]):
    class Meta:
        model = Plan
        fields = ["key", "name", "description", "price", "rank"]
        read_only_fields = fields


class OfferSerializer(FeatureSerializer):
    used = serializers.IntegerField(allow_null=True, help_text="Of a limit that something counts")
    plans = serializers.ListField(
        child=serializers.CharField(), help_text="Keys of the higher plans that would give it, or more of it"
    )


class PlanUsageSerializer(serializers.Serializer[Any]):
    plan = PlanSerializer()
    plans = PlanSerializer(many=True)
    features = OfferSerializer(many=True)


class UsageSerializer(serializers.Serializer[Any]):
    type = serializers.CharField()
    used = serializers.IntegerField()
    limit = serializers.IntegerField(allow_null=True)
    remaining = serializers.IntegerField(allow_null=True)

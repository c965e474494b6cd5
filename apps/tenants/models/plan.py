"""Editions: what a plan switches on and how much of it one gets. Looked up as override, plan, default."""

from __future__ import annotations

from django.db import models
from simple_history.models import HistoricalRecords

from apps.kernel.ids import new_id


class Plan(models.Model):  # type: ignore[django-manager-missing]
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    key = models.SlugField(unique=True)
    name = models.CharField(max_length=100)
    description = models.TextField(blank=True, default="")
    price = models.DecimalField(
        max_digits=10, decimal_places=2, null=True, blank=True, help_text="USD a month; empty: on request"
    )
    rank = models.PositiveSmallIntegerField(default=0, help_text="Upgrades go to a higher rank")

    history = HistoricalRecords()

    class Meta:
        ordering = ["rank"]

    def __str__(self) -> str:
        return self.name


class Feature(models.Model):
    """Either a switch, or a limit: a number of things, empty for without limit."""

    class Kind(models.TextChoices):
        SWITCH = "switch"
        LIMIT = "limit"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    key = models.SlugField(unique=True)
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    default_enabled = models.BooleanField(default=False)
    default_limit = models.PositiveBigIntegerField(null=True, blank=True)

    history = HistoricalRecords()

    class Meta:
        ordering = ["key"]

    def __str__(self) -> str:
        return self.name


class _Setting(models.Model):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    feature = models.ForeignKey(Feature, on_delete=models.CASCADE)
    is_enabled = models.BooleanField(default=True)
    limit = models.PositiveBigIntegerField(null=True, blank=True, help_text="Of a limit; empty: without limit")

    class Meta:
        abstract = True


class PlanFeature(_Setting):
    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="features")

    history = HistoricalRecords()

    class Meta:
        constraints = [models.UniqueConstraint("plan", "feature", name="plan_says_it_once")]

    def __str__(self) -> str:
        return f"{self.plan_id}: {self.feature_id}"


class FeatureOverride(_Setting):
    """What one subscription gets instead of its plan's."""

    subscription = models.ForeignKey("tenants.Subscription", on_delete=models.CASCADE, related_name="overrides")
    reason = models.CharField(max_length=300, blank=True, default="")
    expires_at = models.DateTimeField(null=True, blank=True)

    history = HistoricalRecords()

    class Meta:
        constraints = [models.UniqueConstraint("subscription", "feature", name="override_says_it_once")]

    def __str__(self) -> str:
        return f"{self.subscription_id}: {self.feature_id}"

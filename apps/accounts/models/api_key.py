"""API keys: a secret is shown once and kept as a digest."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from apps.kernel.ids import new_id


class ApiKey(models.Model):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True, default="")
    prefix = models.CharField(max_length=12, unique=True, help_text="The beginning of the key, to tell keys apart")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the key, hexadecimal")
    scopes = ArrayField(models.CharField(max_length=10), help_text="Levels that the key may use, at most")
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True, help_text="To the minute")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

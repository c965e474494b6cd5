"""Which host is whose."""

from __future__ import annotations

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django_tenants.models import DomainMixin
from simple_history.models import HistoricalRecords

from apps.kernel.ids import new_id

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")


def validate_host(value: str) -> None:
    """A host name in lower case, without port; raises ValidationError."""
    if len(value) > 253 or not _HOST.fullmatch(value):
        raise ValidationError("Give a host name in lower case without port, like data.example.org", code="invalid_host")


class Domain(DomainMixin):  # type: ignore[misc]
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)

    history = HistoricalRecords()

    class Meta:
        ordering = ["domain"]

    def clean(self) -> None:
        validate_host(self.domain)

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.clean()
        super().save(*args, **kwargs)

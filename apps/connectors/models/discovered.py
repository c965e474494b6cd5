"""The cache of discovered tables."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from apps.connectors.models.connector import Connector


class DiscoveredTable(models.Model):
    """What discovery told of one table of a connector: columns in order, primary key, estimated rows."""

    connector = models.ForeignKey(Connector, on_delete=models.CASCADE, related_name="tables")
    name = models.CharField(max_length=500)
    definition = models.JSONField()
    discovered_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint("connector", "name", name="table_once_in_connector")]

    def __str__(self) -> str:
        return self.name

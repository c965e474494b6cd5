"""Saved connectors."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from apps.workspaces.models.resource import Resource, recorded


class ConnectorQuerySet(models.QuerySet["Connector"]):
    def living(self) -> ConnectorQuerySet:
        return self.filter(deleted_at=None)


class Connector(Resource):
    """`config` is the public part; `secrets` maps the name of each secret to its sealed text, bound to this
    row and to `version`, which grows with every change of the configuration. History never sees secrets."""

    connector_type = models.CharField(max_length=50, editable=False)
    config = models.JSONField(default=dict, blank=True)
    secrets = models.JSONField(default=dict, blank=True, editable=False)
    max_concurrent_executions = models.PositiveIntegerField(
        null=True, blank=True, help_text="So many executions that use it run at once; further ones wait"
    )
    version = models.PositiveIntegerField(default=1, editable=False)
    discovered_at = models.DateTimeField(null=True, editable=False)

    history = recorded("secrets", "discovered_at")
    objects = ConnectorQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["name", "id"], name="connectors_by_name"),
            models.Index(fields=["connector_type"], name="connectors_by_type"),
        ]

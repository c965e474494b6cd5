"""Samples of sources that previews read once and use again."""

from __future__ import annotations

from django.db import models

from apps.kernel.ids import new_id


class SourceSample(models.Model):
    """The first rows that a read node gave in a preview. `digest` covers all that they depend on: connector,
    config, parameters, size; a change of any makes it useless, age makes it stale."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workflow = models.ForeignKey("workflows.Workflow", on_delete=models.CASCADE, related_name="+")
    node_id = models.CharField(max_length=200)
    port = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    dataset = models.JSONField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workflow", "node_id", "port"], name="sample_once_per_port")]

    def __str__(self) -> str:
        return f"sample of {self.node_id}.{self.port}"

"""Which rows a node gives on inputs that are known: the index from what an output comes from to its rows."""

from __future__ import annotations

from django.db import models


class StoredOutput(models.Model):
    """`address` is a digest of all that the rows depend on (`apps.executions.core.addresses`): the node and what
    is above it, down to the content of the samples. So the same address is the same rows, whichever workflow or
    person asks."""

    address = models.CharField(max_length=64, primary_key=True)
    dataset = models.JSONField()
    name = models.CharField(max_length=300, db_index=True, help_text="The file in the run store")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["at"], name="stored_output_by_age")]

    def __str__(self) -> str:
        return self.address

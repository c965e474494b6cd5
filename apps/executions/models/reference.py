"""What keeps a file of the run store from being collected."""

from __future__ import annotations

from django.db import models


class ObjectReference(models.Model):
    """An execution needs a shared file, until its rows are removed. Written in the transaction that makes the
    file's dataset true; other holders are SourceSample and StoredOutput."""

    execution = models.ForeignKey("executions.WorkflowExecution", on_delete=models.CASCADE, related_name="references")
    name = models.CharField(max_length=300, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["execution", "name"], name="object_reference_once")]

    def __str__(self) -> str:
        return self.name

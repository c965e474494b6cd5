"""What every endpoint shares in the database."""

from __future__ import annotations

from django.db import models

from apps.kernel.ids import new_id


class IdempotentAnswer(models.Model):
    """The first answer to a POST that carried an Idempotency-Key, for its replays."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user_id = models.UUIDField()
    path = models.TextField()
    key = models.CharField(max_length=255)
    body_digest = models.CharField(max_length=64, help_text="SHA-256 of the request's body, hexadecimal")
    status = models.PositiveSmallIntegerField()
    body = models.TextField(help_text="The answer's JSON text; empty for an answer without a body")
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint("user_id", "path", "key", name="one_answer_per_key")]

    def __str__(self) -> str:
        return f"{self.path} {self.key}"

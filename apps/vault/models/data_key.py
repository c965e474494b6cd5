from __future__ import annotations

from django.db import models

from apps.kernel.ids import new_id


class DataKey(models.Model):
    """A tenant's data key, sealed by the key-encryption key; it lives in the tenant's schema.

    One is active; retired ones still open what they once sealed.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    sealed = models.TextField(editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    retired_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                models.Value(1), condition=models.Q(retired_at=None), name="vault_one_active_data_key"
            )
        ]

    def __str__(self) -> str:
        return f"data key {self.id}"

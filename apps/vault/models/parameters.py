from __future__ import annotations

from django.db import models


class VaultParameters(models.Model):
    """How the master password becomes the key, and how to tell that it was the right one; one row, in the
    public schema. Nothing here is secret. `sealed_at`: an operator has sealed the vault, on all machines."""

    id = models.SmallIntegerField(primary_key=True, default=1, editable=False)
    derivation = models.JSONField(editable=False)
    verifier = models.TextField(editable=False)
    sealed_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    rotated_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name_plural = "vault parameters"
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="vault_one_row")]

    def __str__(self) -> str:
        return "the vault"

"""A sign-in and the refresh tokens that descend from it: a family that is revoked as one."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from apps.kernel.ids import new_id


class SignIn(models.Model):
    """Access tokens name their sign-in, so revoking it ends them at once, not in 15 minutes."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="sign_ins")
    created_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=30, blank=True, default="")

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.user_id} at {self.created_at:%Y-%m-%d %H:%M}"


class RefreshToken(models.Model):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    sign_in = models.ForeignKey(SignIn, on_delete=models.CASCADE, related_name="refresh_tokens")
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the token, hexadecimal")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return str(self.id)

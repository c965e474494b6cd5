"""A person of one tenant, or an operator in the public schema."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac
from simple_history.models import HistoricalRecords

from apps.accounts.core.levels import Level
from apps.kernel.history import history_user
from apps.kernel.ids import new_id


def normal_email(email: str) -> str:
    """The spelling under which an address is kept and looked up: two that differ in case are one person's."""
    return email.strip().lower()


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user: User = self.model(email=normal_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """The owner of the current tenant; in the public schema an operator."""
        return self.create_user(email, password, is_owner=True, is_staff=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.living().get(email=normal_email(username or ""))

    def living(self) -> models.QuerySet[User]:
        """Everybody who was not deleted, switched off or not."""
        return self.filter(deleted_at=None)


class User(AbstractBaseUser):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    email = models.EmailField(max_length=254)
    name = models.CharField(max_length=200, blank=True, default="")
    role = models.ForeignKey("accounts.Role", null=True, blank=True, on_delete=models.PROTECT, related_name="users")
    groups = models.ManyToManyField("accounts.Group", through="accounts.Membership", related_name="users", blank=True)
    is_owner = models.BooleanField(default=False, help_text="May do everything in this tenant")
    is_staff = models.BooleanField(default=False, help_text="May open the admin pages")
    is_active = models.BooleanField(default=True, help_text="Instead of deleting people, switch them off")
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)
    signed_out_at = models.DateTimeField(null=True, blank=True, editable=False, help_text="Older sessions are over")
    seen_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When a page last asked for something, to five minutes"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    history = HistoricalRecords(
        get_user=history_user, excluded_fields=["password", "last_login", "signed_out_at", "seen_at", "updated_at"]
    )
    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    scopes: frozenset[Level] | None = None
    """Levels that the API key of this request is limited to; None is without limit. Not in the database."""

    class Meta:
        ordering = ["email"]
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="one_person_per_email",
                condition=models.Q(deleted_at=None),
                violation_error_code="unique",
                violation_error_message="Somebody has this address already",
            )
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def clean(self) -> None:
        self.email = normal_email(self.email)

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.is_staff = self.is_staff or self.is_owner
        super().save(*args, **kwargs)

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        # Besides a new password, being signed out everywhere ends sessions too.
        key_salt = "apps.accounts.models.User.get_session_auth_hash"
        value = f"{self.password}\0{self.signed_out_at or ''}"
        return salted_hmac(key_salt, value, secret=secret, algorithm="sha256").hexdigest()

    def get_full_name(self) -> str:
        return self.name or self.email

    def get_short_name(self) -> str:
        return self.name or self.email

    # Django's admin asks these. The pages are for owners; objects of the API go by `apps.accounts.access`.
    @property
    def is_superuser(self) -> bool:
        return self.is_owner

    def has_perm(self, perm: str, obj: Any = None) -> bool:  # noqa: ARG002
        return self.is_active and self.is_owner and self.scopes is None

    def has_perms(self, perms: Any, obj: Any = None) -> bool:
        return all(self.has_perm(perm, obj) for perm in perms)

    def has_module_perms(self, app_label: str) -> bool:
        return self.has_perm(app_label)

"""Periodic and deferred work. Every task is told its schema and leaves none behind (THREATS 2)."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task
from django_tenants.utils import get_tenant_model, schema_context

from apps.accounts.services import invitations, passwords, sign_in
from apps.kernel.api import idempotency


@shared_task(name="accounts.send_reset_mail")  # type: ignore[untyped-decorator]
def send_reset_mail(*, schema_name: str, email: str, base_url: str) -> None:
    with schema_context(schema_name):
        passwords.send_reset_mail(email=email, base_url=base_url)


@shared_task(name="accounts.send_invitation")  # type: ignore[untyped-decorator]
def send_invitation(*, schema_name: str, user_id: str, by: str, where: str, base_url: str) -> None:
    with schema_context(schema_name):
        invitations.send_invitation(user_id=UUID(user_id), by=UUID(by), where=where, base_url=base_url)


@shared_task(name="accounts.forget_what_is_over")  # type: ignore[untyped-decorator]
def forget_what_is_over() -> None:
    """Refresh tokens and kept answers past their time, in every schema."""
    for schema_name in ["public", *get_tenant_model().objects.values_list("schema_name", flat=True)]:
        with schema_context(schema_name):
            sign_in.forget_old_tokens()
            idempotency.forget_old()

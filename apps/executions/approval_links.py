"""Links in mail by which one person may decide one approval, until it is decided or expires."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.core.mail import send_mail

from apps.accounts.models import User
from apps.executions import approvals
from apps.executions.models import Approval
from apps.kernel.connections import connection
from apps.tenants.models import Domain

_SALT = "uzo.executions.approval"
_GOOD_FOR = timedelta(days=14)
_TEXT = """The workflow {workflow!r} waits for your decision.

{message}

Open this page to approve or reject:

{url}

The link is for you alone; whoever has it can decide in your name.{until}
"""


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a link says: who may decide what."""

    approval_id: UUID
    user_id: UUID


def token(approval: Approval, person: User) -> str:
    """Names the tenant too: it is good on its host only."""
    said = {"t": connection.schema_name, "a": approval.pk.hex, "u": person.pk.hex}
    return signing.dumps(said, salt=_SALT, compress=False)


def read(text: str) -> Ticket | None:
    """The ticket, if the token is ours, of this tenant and not too old."""
    try:
        said = signing.loads(text, salt=_SALT, max_age=_GOOD_FOR)
        if said["t"] != connection.schema_name:
            return None
        return Ticket(UUID(said["a"]), UUID(said["u"]))
    except (signing.BadSignature, KeyError, TypeError, ValueError):
        return None


def send_mails(approval_id: UUID) -> int:
    """Mail a link to everybody who was asked; answers how many mails went out."""
    approval = Approval.objects.select_related("execution__workflow").filter(pk=approval_id).first()
    if approval is None or approval.status != Approval.Status.PENDING:
        return 0
    people = approvals.asked(approval)
    site = _site()
    until = "" if approval.expires_at is None else f"\nIt expires at {approval.expires_at:%Y-%m-%d %H:%M} UTC."
    name = " ".join(approval.execution.workflow.name.split())
    for person in people:
        url = f"{site}/approvals/decide?token={token(approval, person)}"
        text = _TEXT.format(workflow=name, message=approval.message, url=url, until=until)
        send_mail(f"Approve? {name}"[:200], text, None, [person.email])
    return len(people)


def _site() -> str:
    tenant_schema = connection.schema_name
    domain = Domain.objects.filter(tenant__schema_name=tenant_schema).order_by("-is_primary", "domain").first()
    return settings.SITE_URL.replace("{host}", domain.domain if domain is not None else "localhost")

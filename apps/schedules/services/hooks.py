"""Webhooks in: making them, and accepting what comes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F

from apps.accounts.models import User
from apps.kernel import clock
from apps.kernel.errors import NotFound, TooLarge, UzoError
from apps.kernel.ids import new_id
from apps.schedules.clock import database_now
from apps.schedules.core.signing import BadSignature, Delivery, new_secret, verify
from apps.schedules.events import HookSecretRotated
from apps.schedules.models import Hook, HookEvent
from apps.schedules.services import saving
from apps.schedules.services.starting import Started, is_living, start_target
from apps.vault import services as vault

MOST_BYTES = 64 * 1024
"""Of a body: it is kept with the run, and run data larger than this does not go into the database."""
OLD_SECRET_KEPT = timedelta(hours=24)
_FIELD = "secret"


class DeliveryRefused(UzoError):
    """Nobody who knows the secret sent this, or not now."""

    code = "bad_signature"
    status = 401
    title = "The delivery is not signed as it must be"


@dataclass(frozen=True, slots=True)
class Accepted:
    """`duplicate`: it came before, and what it started then is here."""

    event: HookEvent
    duplicate: bool


@transaction.atomic
def create_hook(*, target: Any, by: User, **fields: Any) -> tuple[Hook, str]:
    """A hook and its secret, which is shown this once. Raises Forbidden, VaultSealed."""
    hook = saving.aimed(Hook(**fields), target, by=by)
    secret = new_secret()
    hook.secret = _sealed(hook, secret)
    hook.save(force_insert=True)
    saving.tell_created(hook, by)
    return hook, secret


@transaction.atomic
def change_hook(*, hook: Hook, by: User, changes: Mapping[str, Any]) -> Hook:
    row = Hook.objects.select_for_update(of=("self",)).get(pk=hook.pk)
    changed = saving.change(row, changes, by=by)
    row.save()
    saving.tell_changed(row, by, changed)
    return row


@transaction.atomic
def rotate_secret(*, hook: Hook, by: User) -> tuple[Hook, str]:
    """A new secret, shown this once; the old one is good for another day. Raises Forbidden, VaultSealed."""
    row = Hook.objects.select_for_update(of=("self",)).get(pk=hook.pk)
    saving.require_may_run(row, by)
    secret = new_secret()
    row.previous_secret, row.previous_until = row.secret, database_now() + OLD_SECRET_KEPT
    row.version += 1
    row.secret = _sealed(row, secret)
    row.save()
    saving.tell(HookSecretRotated, row, by)
    return row, secret


@transaction.atomic
def delete_hook(*, hook: Hook, by: User) -> None:
    """Its address is nothing any more, and its secrets are gone."""
    row = Hook.objects.select_for_update(of=("self",)).get(pk=hook.pk)
    row.secret = row.previous_secret = ""
    row.save(update_fields=["secret", "previous_secret"])
    saving.delete(row, by=by)


def find(hook_id: UUID) -> Hook:
    """The hook that deliveries may come to. Raises NotFound."""
    hook = Hook.objects.select_related("run_as").filter(pk=hook_id, deleted_at=None, enabled=True).first()
    if hook is None or not is_living(hook):
        raise NotFound(f"There is no hook {hook_id}")
    return hook


def authenticate(*, hook: Hook, delivery: Delivery, body: bytes) -> None:
    """Make sure that a delivery was signed with the hook's secret. Raises TooLarge, DeliveryRefused, VaultSealed."""
    if len(body) > MOST_BYTES:
        raise TooLarge(f"The body is larger than {MOST_BYTES // 1024} KB", remedy="Send where to find the data")
    now = clock.now()
    secrets = [_plain(hook, hook.secret, hook.version)]
    if hook.previous_until is not None and now < hook.previous_until:
        secrets.append(_plain(hook, hook.previous_secret, hook.version - 1))
    try:
        verify(delivery, body, secrets=secrets, now=now)
    except BadSignature as error:
        raise DeliveryRefused(
            f"The delivery is refused: {error}",
            code=error.code,
            remedy="Sign it as Standard Webhooks says, with the hook's secret, and with the time now",
        ) from error


@transaction.atomic
def accept(*, hook: Hook, event_id: str, payload: Any) -> Accepted:
    """Start what the hook starts, unless this event came before. `authenticate` it first.

    Raises what the starting services raise: then the event counts as not come, and may come again.
    """
    mine = HookEvent(id=new_id(), hook=hook, event_id=event_id)
    # Somebody who writes the same event at this moment is waited for.
    HookEvent.objects.bulk_create([mine], ignore_conflicts=True)
    event = HookEvent.objects.select_for_update(of=("self",)).get(hook=hook, event_id=event_id)
    if event.pk != mine.pk:
        HookEvent.objects.filter(pk=event.pk).update(deliveries=F("deliveries") + 1)
        return Accepted(event, duplicate=True)
    started = _start(hook, payload, event_id)
    event.job_run, event.execution = started.job_run, started.execution
    event.save(update_fields=["job_run", "execution"])
    return Accepted(event, duplicate=False)


def _start(hook: Hook, payload: Any, event_id: str) -> Started:
    kind, target_id = hook.target
    members = payload if isinstance(payload, Mapping) else {}
    accepted = {name: members[name] for name in hook.accepts if name in members}
    return start_target(
        kind=kind,
        target_id=target_id,
        run_as=hook.run_as,
        parameters={**accepted, **hook.parameters, "payload": payload, "event_id": event_id},
        environment=hook.environment,
        trigger="webhook",
    )


def reseal_secrets() -> int:
    """Seal the secrets of every hook with the tenant's active data key; answers how many hooks."""
    count = 0
    for hook in Hook.objects.select_for_update(of=("self",)).exclude(secret=""):
        hook.secret = _sealed(hook, _plain(hook, hook.secret, hook.version))
        if hook.previous_secret:
            before = hook.version - 1
            hook.previous_secret = _sealed(hook, _plain(hook, hook.previous_secret, before), version=before)
        hook.save(update_fields=["secret", "previous_secret"])
        count += 1
    return count


def _sealed(hook: Hook, plain: str, *, version: int | None = None) -> str:
    return vault.seal(plain=plain, owner=str(hook.pk), field=_FIELD, version=version or hook.version)


def _plain(hook: Hook, sealed: str, version: int) -> str:
    return vault.unseal(sealed=sealed, owner=str(hook.pk), field=_FIELD, version=version)

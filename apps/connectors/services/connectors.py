"""Making, changing and deleting connectors."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from functools import partial
from typing import Any

from django.db import transaction

from apps.accounts.access import Level
from apps.accounts.models import User
from apps.accounts.services.permissions import grant
from apps.connectors.core import configuration
from apps.connectors.core.configuration import Split
from apps.connectors.events import ConnectorChanged, ConnectorCreated, ConnectorDeleted
from apps.connectors.models import Connector, DiscoveredTable
from apps.connectors.opening import storage_of
from apps.connectors.sdk.registry import find, types
from apps.kernel.clock import now
from apps.kernel.errors import FieldError, Invalid
from apps.kernel.events import publish
from apps.tenants import features
from apps.vault import services as vault

LIMIT = "connectors"


@transaction.atomic
def create_connector(
    *,
    viewer: User,
    name: str,
    connector_type: str,
    config: Any,
    description: str = "",
    max_concurrent_executions: int | None = None,
) -> Connector:
    """A new connector; whoever makes it holds admin on it. Raises Invalid, LimitReached, VaultSealed (if
    there are secrets to seal)."""
    kind = find(connector_type)
    if kind is None:
        known = ", ".join(types())
        raise Invalid(errors=[FieldError("connector_type", "invalid", f"there is no such type; there are: {known}")])
    parts = configuration.split(kind.Config, config)
    features.require_within(LIMIT, Connector.objects.living().count())
    row = Connector(
        name=name,
        description=description,
        connector_type=connector_type,
        config=parts.public,
        max_concurrent_executions=max_concurrent_executions,
        created_by=viewer,
    )
    row.secrets = _sealed(row, parts)
    row.save()
    if not viewer.is_owner:
        grant(obj=row, to=viewer, level=Level.ADMIN, by=viewer)
    publish(ConnectorCreated(connector_id=row.pk, by=viewer.pk, connector_type=connector_type, name=name))
    return row


@transaction.atomic
def change_connector(*, viewer: User, connector: Connector, changes: Mapping[str, Any]) -> Connector:
    """Change name, description, how many executions may use it at once, or configuration. Raises Invalid,
    Unprocessable `secret_required`, VaultSealed (if secrets are concerned)."""
    row = Connector.objects.select_for_update().get(pk=connector.pk)
    for field in ("name", "description", "max_concurrent_executions"):
        if field in changes:
            setattr(row, field, changes[field])
    if "config" in changes:
        _change_config(row, changes["config"])
    row.save()
    publish(
        ConnectorChanged(
            connector_id=row.pk,
            by=viewer.pk,
            fields=tuple(sorted(changes)),
            secrets_changed=row.secrets != connector.secrets,
        )
    )
    return row


def _change_config(row: Connector, patch: Any) -> None:
    kind = find(row.connector_type)
    assert kind is not None
    parts = configuration.merge(kind.Config, row.config, row.secrets, patch)
    if parts.public != row.config:
        # Another database has other tables: what was discovered there counts no longer.
        DiscoveredTable.objects.filter(connector=row).delete()
        row.discovered_at = None
    elif not parts.secrets and parts.kept == frozenset(row.secrets):
        return
    row.config = parts.public
    kept = {name: _plain(row, name) for name in parts.kept}
    row.version += 1
    row.secrets = _sealed(row, Split(parts.public, {**kept, **parts.secrets}))


@transaction.atomic
def delete_connector(*, viewer: User, connector: Connector, hard: bool = False) -> None:
    """Softly, or for good with its secrets and files."""
    publish(ConnectorDeleted(connector_id=connector.pk, by=viewer.pk, hard=hard))
    if not hard:
        connector.deleted_at, connector.deleted_by = now(), viewer
        connector.save(update_fields=["deleted_at", "deleted_by", "updated_at"])
        return
    root = storage_of(connector.pk).root
    connector.delete()
    transaction.on_commit(partial(shutil.rmtree, root, ignore_errors=True))


@transaction.atomic
def reseal_secrets() -> int:
    """Seal every connector's secrets with the tenant's active data key; answers how many connectors."""
    rows = Connector.objects.select_for_update().exclude(secrets={})
    count = 0
    for row in rows:
        plain = {name: _plain(row, name) for name in row.secrets}
        row.secrets = _sealed(row, Split({}, plain))
        Connector.objects.filter(pk=row.pk).update(secrets=row.secrets)
        count += 1
    return count


def _plain(row: Connector, name: str) -> str:
    return vault.unseal(sealed=row.secrets[name], owner=str(row.pk), field=name, version=row.version)


def _sealed(row: Connector, parts: Split) -> dict[str, str]:
    return {
        name: vault.seal(plain=plain, owner=str(row.pk), field=name, version=row.version)
        for name, plain in parts.secrets.items()
    }

"""From a saved connector to an open one: secrets, the way out, the folder of its files."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings

from apps.accounts import access
from apps.accounts.access import Level
from apps.accounts.models import User
from apps.connectors.core import configuration
from apps.connectors.models import Connector
from apps.connectors.sdk import ConnectorContext, EgressPolicy, Limits, Storage
from apps.connectors.sdk.registry import AnyConnector, find
from apps.kernel.connections import connection
from apps.kernel.errors import NotFound, Unprocessable
from apps.vault import services as vault


@lru_cache(maxsize=8)
def _policy(allow: str) -> EgressPolicy:
    return EgressPolicy(allow)


def egress() -> EgressPolicy:
    """The operator's policy."""
    return _policy(settings.EGRESS_ALLOW)


def type_named(name: str) -> type[AnyConnector]:
    """Raises NotFound."""
    kind = find(name)
    if kind is None:
        raise NotFound(f"There is no connector type {name[:80]!r}")
    return kind


def storage_of(connector_id: UUID) -> Storage:
    """The files of a connector of the current tenant."""
    root = Path(settings.TENANT_STORAGE) / connection.schema_name / "connectors" / str(connector_id)
    return Storage(root, quota=settings.CONNECTOR_STORAGE_BYTES)


def opened(row: Connector, *, viewer: User | None, limits: Limits | None = None) -> AnyConnector:
    """Open a saved connector. `viewer` says whose files of other connectors it may name.
    Raises VaultSealed, VaultBroken."""
    kind = type_named(row.connector_type)
    secrets = {
        name: vault.unseal(sealed=sealed, owner=str(row.pk), field=name, version=row.version)
        for name, sealed in row.secrets.items()
    }
    return _open(kind, row.pk, row.config, secrets, viewer, limits)


def opened_unsaved(kind: type[AnyConnector], connector_id: UUID, given: Any, *, viewer: User) -> AnyConnector:
    """Open a configuration that is not saved. Raises Invalid."""
    parts = configuration.split(kind.Config, given)
    return _open(kind, connector_id, parts.public, parts.secrets, viewer, None)


def _open(  # noqa: PLR0917
    kind: type[AnyConnector],
    connector_id: UUID,
    public: Mapping[str, Any],
    secrets: Mapping[str, str],
    viewer: User | None,
    limits: Limits | None,
) -> AnyConnector:
    config = configuration.assembled(kind.Config, public, secrets)
    context = ConnectorContext(
        egress=egress(),
        storage=storage_of(connector_id),
        limits=limits or Limits(),
        **({"shared_file": _shared_files(viewer, connector_id)} if kind.capabilities.opens_files else {}),
    )
    return kind(config, context=context)


def _shared_files(viewer: User | None, own: UUID) -> Any:
    """Finds a file by name among the connectors that the viewer may use. The list is read at once: the
    connector may be used on another thread, where the database is another session."""
    usable: list[UUID] = []
    if viewer is not None:
        holders = access.visible(viewer, "connector", Level.EXECUTE).filter(connector_type="files").order_by("pk")
        usable = list(holders.exclude(pk=own).values_list("pk", flat=True))
    storages = [storage_of(pk) for pk in usable]

    def look(name: str) -> Path | None:
        for storage in storages:
            file = storage.find(name)
            if file is not None:
                return storage.path(file)
        return None

    return look


def require_files(kind: type[AnyConnector]) -> None:
    """Raises Unprocessable for a type that keeps no files."""
    if not kind.capabilities.stores_files:
        raise Unprocessable(f"{kind.label} keeps no files", code="unsupported")

"""Asking a connector for its tables, and remembering the answer."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.db import transaction

from apps.accounts.models import User
from apps.connectors.events import SchemaDiscovered
from apps.connectors.models import Connector, DiscoveredTable
from apps.connectors.opening import opened
from apps.connectors.sdk import Table, guard
from apps.kernel.clock import now
from apps.kernel.events import publish


def discover(
    *, viewer: User | None, connector: Connector, table: str | None = None, seconds: float | None = None
) -> Sequence[Table]:
    """Discover one table, or all, within `seconds`. Raises ConnectorError, VaultSealed."""
    source = opened(connector, viewer=viewer)
    try:
        found = guard.call(
            lambda: source.discover(table),
            seconds=settings.DISCOVERY_ALL_SECONDS if seconds is None else seconds,
            what=source.label,
            cancel=source.cancel,
        )
    finally:
        source.close()
    remember(connector, found, everything=table is None)
    publish_discovery(viewer, connector, found)
    return found


def publish_discovery(viewer: User | None, connector: Connector, found: Sequence[Table]) -> None:
    names = tuple(item.name for item in found)[:1000]
    publish(SchemaDiscovered(connector_id=connector.pk, by=viewer.pk if viewer else None, tables=names))


@transaction.atomic
def remember(connector: Connector, found: Sequence[Table], *, everything: bool) -> None:
    """Put tables into the cache; `everything`: what is not among them is gone."""
    at = now()
    rows = [
        DiscoveredTable(connector=connector, name=item.name[:500], definition=item.as_json(), discovered_at=at)
        for item in found
    ]
    if everything:
        DiscoveredTable.objects.filter(connector=connector).delete()
        Connector.objects.filter(pk=connector.pk).update(discovered_at=at)
        connector.discovered_at = at
    DiscoveredTable.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["connector", "name"],
        update_fields=["definition", "discovered_at"],
        batch_size=500,
    )


def forget_tables(*, connector: Connector, file: str) -> None:
    """The file has changed or gone: neither it nor its sheets are known any more."""
    known = DiscoveredTable.objects.filter(connector=connector)
    known.filter(name=file).delete()
    known.filter(name__startswith=f"{file}#").delete()

"""Reading connectors, as the viewer may."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Min, Sum
from django.db.models.expressions import RawSQL

from apps.accounts import access
from apps.accounts.access import Level
from apps.accounts.models import User
from apps.connectors.models import Connector, DiscoveredTable
from apps.connectors.opening import opened
from apps.connectors.sdk import Limits, Table
from apps.connectors.sdk.registry import AnyConnector
from apps.kernel.errors import NodeError

KEPT_SECONDS = 5.0
"""How long a run goes by what it found: as long as a socket may outlive a permission."""


def sealed_secrets() -> int:
    """How many secrets the connectors of the present tenant keep, deleted ones too until they are purged."""
    kept = RawSQL("(SELECT count(*) FROM jsonb_object_keys(secrets))", ())
    return int(Connector._base_manager.aggregate(kept=Sum(kept))["kept"] or 0)


def _identifier(text: str | UUID) -> UUID | None:
    try:
        return text if isinstance(text, UUID) else UUID(text)
    except (ValueError, TypeError, AttributeError):
        return None


def usable(viewer: User | None, connector_id: str | UUID) -> Connector | None:
    """The connector if the viewer may execute it; None otherwise, whatever the reason."""
    identifier = _identifier(connector_id)
    if identifier is None or viewer is None:
        return None
    found: Connector | None = access.visible(viewer, "connector", Level.EXECUTE).filter(pk=identifier).first()
    return found


def open_connector(viewer: User | None, connector_id: str | UUID, *, limits: Limits | None = None) -> AnyConnector:
    """The connector, open, by the right of the viewer (a run's author). Close it after use.

    Raises NodeError `missing_connector` for one that is not there, belongs to another tenant or may not be
    used by the viewer; VaultSealed.
    """
    return _opened(usable(viewer, connector_id), connector_id, viewer, limits)


def _opened(
    row: Connector | None, connector_id: str | UUID, viewer: User | None, limits: Limits | None = None
) -> AnyConnector:
    if row is None:
        raise NodeError(
            f"There is no connector {connector_id} that the author of this workflow may use",
            code="missing_connector",
            remedy="Choose another connector, or ask for the permission execute on it.",
        )
    return opened(row, viewer=viewer, limits=limits)


class Connectors:
    """The connectors that a run names, by the right of the viewer (its author): looked up together, and again
    once what was found is a few seconds old."""

    def __init__(self, viewer: User | None, connector_ids: Collection[str]) -> None:
        self._viewer = viewer
        self._ids = {each: id for each in connector_ids if (id := _identifier(each)) is not None}
        self._rows: dict[UUID, Connector] = {}
        self._until = 0.0

    def open(self, connector_id: str) -> AnyConnector:
        """As `open_connector` does."""
        if connector_id not in self._ids or self._viewer is None:
            return open_connector(self._viewer, connector_id)
        if time.monotonic() >= self._until:
            found = access.visible(self._viewer, "connector", Level.EXECUTE).filter(pk__in=self._ids.values())
            self._rows = {row.pk: row for row in found}
            self._until = time.monotonic() + KEPT_SECONDS
        return _opened(self._rows.get(self._ids[connector_id]), connector_id, self._viewer)


def known_tables(connector: Connector) -> Sequence[DiscoveredTable]:
    """The tables in the cache, by name. The caller has checked that the viewer may read the connector."""
    return list(DiscoveredTable.objects.filter(connector=connector).order_by("name"))


def known_table(connector: Connector, name: str) -> Table | None:
    row = DiscoveredTable.objects.filter(connector=connector, name=name).first()
    return None if row is None else Table.from_json(row.definition)


def configured_at(connector_ids: Collection[str | UUID]) -> dict[str, datetime]:
    """For each of the connectors, by id, when its present configuration came to be; a new name or description
    is no other configuration."""
    ids = [id for each in connector_ids if (id := _identifier(each)) is not None]
    began = Connector.history.filter(id__in=ids).values("id", "version").annotate(at=Min("history_date"))
    return {str(row["id"]): row["at"] for row in began.order_by("version")}  # the highest version comes last

"""What inference may know of connectors: columns from the cache, or asked for in a moment."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from django.conf import settings

from apps.accounts.models import User
from apps.connectors import selectors
from apps.connectors.models import Connector, DiscoveredTable
from apps.connectors.opening import opened
from apps.connectors.sdk import ConnectorError, ReadRequest, Table, guard
from apps.connectors.sdk.registry import find
from apps.connectors.services.discovery import remember
from apps.kernel.errors import Unavailable
from apps.nodes.columns import Schema
from apps.nodes.problems import Problem
from apps.vault.errors import VaultBroken

_UNKNOWN = frozenset({"unknown_table", "unknown_database"})
_INVALID = frozenset({"invalid_query", "unknown_column", "duplicate_column", "invalid_format", "write_not_allowed"})


class ConnectorCatalog:
    """Implements `apps.nodes.types.Catalog` for one viewer; make one for each analysis. All that it has to
    ask connectors for shares one span of time (`DISCOVERY_TIMEOUT_SECONDS`): then it answers with warnings."""

    def __init__(self, viewer: User | None, *, seconds: float | None = None) -> None:
        self._viewer = viewer
        self._left = float(settings.DISCOVERY_TIMEOUT_SECONDS if seconds is None else seconds)
        self._connectors: dict[str, Connector | None] = {}
        self._tables: dict[tuple[str, str], Table | None] = {}
        self._answers: dict[tuple[str, str], Schema | Problem] = {}

    def columns(self, connector_id: str, config: Mapping[str, Any]) -> Schema | Problem:
        """Columns of a read before `columns` are chosen; a Problem where it cannot say."""
        row = self._connector(connector_id)
        if row is None:
            return Problem("missing_connector", "there is no such connector, or you may not use it", "connectorId")
        table = config.get("table")
        plain = isinstance(table, str) and not config.get("query") and not config.get("format")
        if plain:
            known = self._known(row, str(table))
            if known is not None:
                return known.schema
        key = (str(row.pk), repr(sorted(config.items(), key=lambda item: item[0])))
        if key not in self._answers:
            self._answers[key] = self._asked(row, config, keep=plain)
        return self._answers[key]

    def target_columns(self, connector_id: str, table: str) -> Schema | None:
        """Columns of a table that a write aims at; None if it is not there, or not known in time."""
        row = self._connector(connector_id)
        if row is None:
            return None
        known = self._known(row, table)
        if known is not None:
            return known.schema
        answer = self._asked(row, {"table": table}, keep=True)
        return answer if isinstance(answer, Schema) else None

    def connector_type(self, connector_id: str) -> str | None:
        """The type of a connector that the viewer may use."""
        row = self._connector(connector_id)
        return None if row is None else row.connector_type

    def _connector(self, connector_id: str) -> Connector | None:
        if connector_id not in self._connectors:
            self._connectors[connector_id] = selectors.usable(self._viewer, connector_id)
        return self._connectors[connector_id]

    def _known(self, row: Connector, table: str) -> Table | None:
        """From the cache; all tables of a connector are fetched at once, the first time one is asked for."""
        if row.connector_type == "files":
            return None  # files keep what is known of them themselves, and workflows write them
        key = str(row.pk)
        if (key, "") not in self._tables:
            self._tables[key, ""] = None
            for found in DiscoveredTable.objects.filter(connector=row):
                self._tables[key, found.name] = Table.from_json(found.definition)
        return self._tables.get((key, table))

    def _asked(self, row: Connector, config: Mapping[str, Any], *, keep: bool) -> Schema | Problem:
        kind = find(row.connector_type)
        field = "config.query" if config.get("query") else "config.table"
        if kind is None:
            return Problem("missing_connector", f"there is no connector type {row.connector_type}", "connectorId")
        if self._left <= 0.05:
            return _late(field)
        started = time.monotonic()
        try:
            found = self._discovered(row, config)
        except ConnectorError as error:
            return _problem(error, field)
        except (Unavailable, VaultBroken) as error:
            return Problem("unknown_table", f"columns are not known: {error.message}", field, severity="warning")
        finally:
            self._left -= time.monotonic() - started
        if keep and row.connector_type != "files":
            self._tables[str(row.pk), found.name] = found
            remember(row, [found], everything=False)
        return found.schema

    def _discovered(self, row: Connector, config: Mapping[str, Any]) -> Table:
        source = opened(row, viewer=self._viewer)
        request = ReadRequest(
            table=config.get("table"),
            query=config.get("query"),
            parameters=config.get("queryParameters") or {},
            format=config.get("format") or {},
        )

        def ask() -> Table:
            if request.query is None and not request.format:
                return source.discover(request.table)[0]
            return source.query_schema(request)

        try:
            return guard.call(ask, seconds=self._left, what=source.label, cancel=source.cancel)
        finally:
            source.close()


def _late(field: str) -> Problem:
    return Problem("unknown_table", "columns could not be discovered in time", field, severity="warning")


def _problem(error: ConnectorError, field: str) -> Problem:
    if error.code in _UNKNOWN:
        return Problem("unknown_table", error.message, field)
    if error.code in _INVALID:
        return Problem("unknown_column" if error.code == "unknown_column" else "invalid_config", error.message, field)
    return Problem("unknown_table", f"columns are not known: {error.message}", field, severity="warning")

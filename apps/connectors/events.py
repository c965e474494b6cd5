"""What happens to connectors."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from apps.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorEvent(Event):
    """`by` is who did it; None for the system."""

    connector_id: UUID
    by: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorCreated(ConnectorEvent):
    connector_type: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorChanged(ConnectorEvent):
    """`fields` are names only; `secrets_changed` tells that secrets were given, not which."""

    fields: tuple[str, ...]
    secrets_changed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorDeleted(ConnectorEvent):
    hard: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaDiscovered(ConnectorEvent):
    """Tables of a connector are known anew; `tables` are their names."""

    tables: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileStored(ConnectorEvent):
    name: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FileDeleted(ConnectorEvent):
    name: str

"""What a connector may use of the outside: handed in, so that tests can hand in their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from apps.connectors.sdk.egress import EgressPolicy
from apps.connectors.sdk.storage import Storage


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in bytes, times in seconds. `unpacked`: what an archive (a workbook) may hold in all."""

    connect_seconds: float = 10
    request_seconds: float = 60
    idle_seconds: float = 300
    response_bytes: int = 64 * 2**20
    total_bytes: int = 2**30
    in_memory_file_bytes: int = 256 * 2**20
    unpacked_bytes: int = 512 * 2**20
    retries: int = 3
    retry_after_seconds: float = 30
    pages: int = 10_000
    busy_seconds: float = 15


def _no_file(name: str) -> Path | None:  # noqa: ARG001
    return None


@dataclass(frozen=True, slots=True)
class ConnectorContext:
    """`storage` holds the connector's own files; `shared_file` finds a file of the tenant by name that the
    opener may use, for types that name one."""

    egress: EgressPolicy
    storage: Storage
    limits: Limits = field(default_factory=Limits)
    shared_file: Callable[[str], Path | None] = _no_file

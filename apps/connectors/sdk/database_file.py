"""Databases that are a file of the tenant's storage."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import Field

from apps.connectors.sdk.config import ConnectorConfig
from apps.connectors.sdk.context import ConnectorContext
from apps.connectors.sdk.errors import ConnectorError, failure
from apps.connectors.sdk.storage import check_name

T = TypeVar("T")


class DatabaseFileConfig(ConnectorConfig):
    """The name of a file that was uploaded to this connector, or to another one that the user may use."""

    file: Annotated[str, Field(title="File", min_length=1, max_length=200, description="Name of the uploaded database")]


def existing(context: ConnectorContext, name: str) -> Path | None:
    """Where the database lies: among the connector's own files, else among those shared in the tenant.
    Raises `invalid_name`."""
    check_name(name)
    file = context.storage.find(name)
    return context.storage.path(file) if file is not None else context.shared_file(name)


def to_read(context: ConnectorContext, name: str) -> Path:
    """Raises `unknown_database` when it is not there."""
    path = existing(context, name)
    if path is None:
        raise failure("unknown_database", f"there is no file {name!r}", remedy="Upload it to the connector first.")
    return path


def to_write(context: ConnectorContext, name: str, make: Callable[[Path], None]) -> Path:
    """The same; a new database is made where there is none."""
    if context.storage.find(name) is not None or existing(context, name) is None:
        return context.storage.in_place(name, make)
    return to_read(context, name)


def patiently(attempt: Callable[[], T], *, seconds: float) -> T:
    """Try again while someone else holds the file (`busy`), for at most `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return attempt()
        except ConnectorError as error:
            if error.code != "busy" or time.monotonic() > deadline:
                raise
            time.sleep(0.05)

"""Files of a connector."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings

from apps.accounts.models import User
from apps.connectors.events import FileDeleted, FileStored
from apps.connectors.models import Connector
from apps.connectors.opening import opened, require_files, storage_of, type_named
from apps.connectors.sdk import ConnectorError, Table, guard
from apps.connectors.sdk.storage import StoredFile, check_name
from apps.connectors.services.discovery import forget_tables, publish_discovery, remember
from apps.kernel.errors import FieldError, Invalid, NotFound, TooLarge
from apps.kernel.events import publish


@dataclass(frozen=True, slots=True)
class Stored:
    """`table` has the columns; `problem` says why there are none."""

    file: StoredFile
    table: Table | None
    problem: ConnectorError | None = None


def store_file(*, viewer: User, connector: Connector, name: str, chunks: Iterable[bytes]) -> Stored:
    """Store a file, in place of one of the same name, and discover its columns. A file that is no table is
    stored all the same. Raises Invalid `invalid_name`, TooLarge."""
    kind = type_named(connector.connector_type)
    require_files(kind)
    storage = storage_of(connector.pk)
    try:
        check_name(name)
        file = storage.put(name, chunks, limit=settings.UPLOAD_MAX_BYTES)
    except ConnectorError as error:
        raise _refused(error) from error
    forget_tables(connector=connector, file=name)
    publish(FileStored(connector_id=connector.pk, by=viewer.pk, name=name, size=file.size))
    if kind.type != "files":
        return Stored(file, None)
    return _looked_into(viewer, connector, file)


def _looked_into(viewer: User, connector: Connector, file: StoredFile) -> Stored:
    source = opened(connector, viewer=viewer)
    try:
        found = guard.call(lambda: source.discover(file.name), seconds=settings.DISCOVERY_ALL_SECONDS, what=file.name)
    except ConnectorError as error:
        return Stored(file, None, error)
    finally:
        source.close()
    remember(connector, found, everything=False)
    publish_discovery(viewer, connector, found)
    return Stored(file, found[0])


def get_file(*, connector: Connector, name: str) -> StoredFile:
    """Raises NotFound."""
    file = storage_of(connector.pk).find(name)
    if file is None:
        raise NotFound(f"There is no file {name[:80]!r}")
    return file


def delete_file(*, viewer: User, connector: Connector, name: str) -> None:
    """Raises NotFound."""
    get_file(connector=connector, name=name)
    storage_of(connector.pk).delete(name)
    forget_tables(connector=connector, file=name)
    publish(FileDeleted(connector_id=connector.pk, by=viewer.pk, name=name))


def _refused(error: ConnectorError) -> Exception:
    if error.code == "invalid_name":
        return Invalid(
            error.message,
            code="invalid_name",
            remedy=error.remedy,
            errors=[FieldError("file", "invalid_name", error.message)],
        )
    if error.code == "file_too_large":
        return TooLarge(error.message, remedy=error.remedy)
    return error

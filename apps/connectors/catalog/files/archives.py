"""Workbooks are archives of XML: looked over before anything unpacks them."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path
from typing import Final

from apps.connectors.sdk.errors import failure

_MAX_ENTRIES: Final = 10_000
_MAX_RATIO: Final = 200
_SMALL: Final = 8 * 2**20


def check_workbook(path: Path, *, limit: int) -> None:
    """Raises `unsafe_file` for a bomb (more than `limit` bytes unpacked, or packed too well to be a table),
    links and entities, `invalid_file` for what is no archive. Sizes are counted while unpacking: those that
    the archive claims may lie."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            if len(entries) > _MAX_ENTRIES:
                raise failure("unsafe_file", f"the workbook has {len(entries):,} parts")
            if sum(entry.file_size for entry in entries) > limit:
                raise failure("unsafe_file", f"the workbook unpacks to more than {limit:,} bytes")
            left = limit
            for entry in entries:
                left -= _check_entry(archive, entry, left)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise failure("invalid_file", "the file is not a workbook (.xlsx)") from error


def _check_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, left: int) -> int:
    if stat.S_ISLNK(entry.external_attr >> 16) or entry.filename.startswith("/") or ".." in entry.filename.split("/"):
        raise failure("unsafe_file", "the workbook holds a link or a path that leads out of it")
    size, head = 0, b""
    with archive.open(entry) as part:
        while chunk := part.read(2**16):
            if size < 4096:
                head += chunk[:4096]
            size += len(chunk)
            if size > left:
                raise failure("unsafe_file", "the workbook unpacks to more than it may")
    if size > _SMALL and size > _MAX_RATIO * max(entry.compress_size, 1):
        raise failure("unsafe_file", "a part of the workbook is packed far better than any table")
    if b"<!DOCTYPE" in head or b"<!ENTITY" in head or b"<\x00!\x00D\x00" in head:
        raise failure("unsafe_file", "the workbook declares XML entities")
    return size

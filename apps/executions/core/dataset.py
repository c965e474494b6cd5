"""Datasets: Arrow tables at rest, named by reference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apps.nodes.columns import Column, Schema


@dataclass(frozen=True, slots=True)
class Dataset:
    """A reference to an Arrow IPC file in a run store.

    `path` is relative to the store's root; `digest` is the SHA-256 of its bytes, in hexadecimal. `bytes`
    is the size of the file. `schema` knows what Arrow does not: json, and what cannot be null. `of` is how many
    rows there were where only the first were kept, to be looked at: no node may read those as its input.
    """

    path: str
    digest: str
    rows: int
    bytes: int
    schema: Schema
    of: int | None = None

    def as_json(self) -> dict[str, Any]:
        body = {
            "path": self.path,
            "digest": self.digest,
            "rows": self.rows,
            "bytes": self.bytes,
            "schema": [column.as_json() for column in self.schema],
        }
        return body if self.of is None else {**body, "of": self.of}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Dataset:
        return cls(
            value["path"],
            value["digest"],
            value["rows"],
            value["bytes"],
            Schema(tuple(Column.from_json(column) for column in value["schema"])),
            value.get("of"),
        )

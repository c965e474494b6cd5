"""What a connector type can do, as data: planner, pages and tests read it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class WriteMode(StrEnum):
    APPEND = "append"
    REPLACE = "replace"
    UPDATE = "update"
    UPSERT = "upsert"
    DELETE = "delete"


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """`transactions`: a write happens whole or not at all. `staging_swap`: replace is invisible to readers
    until it is complete. `exact_types`: what was written comes back with the same types.
    `exactly_once`: a write that is tried again finds what an earlier attempt has committed; without it,
    rows that are appended may come twice after a crash. `moves_rows`: rows go from one to another of the type
    without passing through UZO, worked on by the source's own SQL (`sdk.moving`).
    `pushes_*`: the source itself does that part of a read. `reads_on_demand`: which columns it gives is asked
    when the rows are (`BatchStream.frames`). `stores_files`: people upload files to it;
    `opens_files`: it may open files of other connectors by name.
    `streaming`: memory is bounded however large the source is."""

    reads: bool = True
    write_modes: frozenset[WriteMode] = frozenset()
    executes: bool = False
    queries: bool = False
    transactions: bool = False
    staging_swap: bool = False
    exactly_once: bool = False
    moves_rows: bool = False
    exact_types: bool = True
    pushes_columns: bool = False
    pushes_limit: bool = False
    pushes_comparisons: bool = False
    lazy_scan: bool = False
    reads_on_demand: bool = False
    discovers: bool = True
    previews: bool = True
    streaming: bool = True
    stores_files: bool = False
    opens_files: bool = False
    quarantines: bool = False

    def as_json(self) -> dict[str, Any]:
        body = asdict(self)
        body["write_modes"] = [mode.value for mode in WriteMode if mode in self.write_modes]
        return body

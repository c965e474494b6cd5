"""The columns of a lazy frame, without asking Polars again for every node of a long chain.

`LazyFrame.collect_schema` walks the whole plan, so asking after each of n nodes costs n². A transform
knows the columns it gives; it notes them here for the frame's lifetime, and the next one finds them.
"""

from __future__ import annotations

import weakref
from typing import Any

import polars as pl

from apps.nodes.columns import Schema

_known: dict[int, tuple[weakref.ref[Any], Schema]] = {}


def remember(frame: pl.LazyFrame, schema: Schema) -> pl.LazyFrame:
    """Note the exact columns of a frame; answers the frame. Sources that know their columns may call it too."""
    key = id(frame)
    _known[key] = (weakref.ref(frame, lambda _: _known.pop(key, None)), schema)
    return frame


def schema_of(frame: pl.LazyFrame) -> Schema:
    """The columns of a frame, as noted or else as Polars says."""
    noted = _known.get(id(frame))
    if noted is not None and noted[0]() is frame:
        return noted[1]
    schema = Schema.from_polars(frame.collect_schema())
    remember(frame, schema)
    return schema

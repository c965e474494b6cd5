"""What Polars says when a plan fails, as a node error with a code and a remedy."""

from __future__ import annotations

import polars as pl

from apps.executions.core.store import disk_full, is_disk_full
from apps.kernel.errors import NodeError, Recovery, UzoError


def explain(error: BaseException) -> UzoError | None:
    """The error that a person should see; None for one that nobody foresaw."""
    if isinstance(error, UzoError):
        return error
    if is_disk_full(error):
        return disk_full()
    if isinstance(error, MemoryError):
        return NodeError(
            "The rows did not fit into memory",
            code="out_of_memory",
            remedy="Filter or aggregate earlier, or give the workers more memory.",
        )
    if isinstance(error, pl.exceptions.PolarsError | pl.exceptions.PanicException):
        return NodeError(
            _first_line(error), code="data_error", remedy="Look at the rows before this node in its preview."
        )
    return None


def may_pass(error: BaseException) -> bool:
    """Whether trying again makes sense."""
    return isinstance(error, UzoError) and error.recovery is Recovery.TRANSIENT


def _first_line(error: BaseException) -> str:
    text = str(error).strip().splitlines()
    return (text[0] if text else type(error).__name__)[:500]

"""What Polars says when a plan fails, as a node error with a code and a remedy."""

from __future__ import annotations

import polars as pl

from apps.executions.core.s3_objects import is_unreachable, unreachable
from apps.executions.core.store import disk_full, is_disk_full
from apps.kernel.errors import (
    Forbidden,
    Invalid,
    LimitReached,
    NodeError,
    NotAuthenticated,
    NotFound,
    Recovery,
    UzoError,
)


def explain(error: BaseException) -> UzoError | None:
    """The error that a person should see; None for one that nobody foresaw."""
    if isinstance(error, UzoError):
        return error
    if is_disk_full(error):
        return disk_full()
    if is_unreachable(error):
        return unreachable()
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


_WRONG_AS_IT_STANDS = (Forbidden, Invalid, NotFound, NotAuthenticated, LimitReached)
_CODES_OF_THAT = frozenset(
    {
        "egress_blocked",
        "forbidden",
        "invalid_config",
        "missing_connector",
        "missing_input",
        "not_previewable",
        "not_scalar",
        "parked_state_too_large",
        "too_many_iterations",
        "unknown_operation",
        "unsupported",
        "value_too_large",
        "workflow_invalid",
    }
)


def may_pass(error: BaseException) -> bool:
    """Whether a node whose person asked for retries is tried again: after every failure but one that says that
    it may not be done, or that the workflow itself is wrong. Those would only fail in the same way once more;
    of all others only the person knows, and a `retryCount` says what they know."""
    if isinstance(error, UzoError):
        if error.recovery is Recovery.TRANSIENT:
            return True
        return not isinstance(error, _WRONG_AS_IT_STANDS) and error.code not in _CODES_OF_THAT
    return isinstance(error, Exception)


def _first_line(error: BaseException) -> str:
    text = str(error).strip().splitlines()
    return (text[0] if text else type(error).__name__)[:500]

"""A chain from a read to a write: its parts, what comes of it, whose fault it is when it fails."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from apps.connectors.nodes import reading as reads
from apps.connectors.nodes import write as writes
from apps.connectors.sdk import FirstRows, WriteResult
from apps.connectors.sdk.errors import ConnectorError
from apps.kernel.errors import NodeError
from apps.nodes.config import NodeConfig
from apps.nodes.types import LazyNodeType, RunContext

KEPT: Final = 100_000
"""The first rows of a result are kept, so that they can be looked at: as many as one page shows."""
KEPT_BYTES: Final = 16 * 2**20
"""What the first rows of a result may take: they are held in memory until the rest has passed."""
_OWN_FAULTS: Final = frozenset(
    ["authentication_failed", "busy", "cancelled", "connection_failed", "connection_lost", "constraint_violated",
     "egress_blocked", "host_not_found", "null_key", "permission_denied", "timeout", "tls_failed",
     "unknown_database", "unknown_table"]
)  # fmt: skip
"""What goes wrong outside, and would step by step just as well. All else may be the statement's own fault."""


@dataclass(frozen=True, slots=True)
class Part:
    """One node of a chain, ready to run."""

    config: NodeConfig
    context: RunContext
    node_type: LazyNodeType | None = None


@dataclass(frozen=True, slots=True)
class Chain:
    """A read, transforms of one input and output each, a write."""

    read: Part
    steps: Sequence[Part]
    write: Part

    @property
    def parts(self) -> tuple[Part, ...]:
        return (self.read, *self.steps, self.write)


@dataclass(frozen=True, slots=True)
class Moved:
    """What came of it. `rows`: rows out of each node, as far as anyone knows. The first of them lie at the output
    of the write, unless an earlier attempt had written them."""

    result: WriteResult
    rows: Mapping[str, int] = field(default_factory=dict)
    pushed: bool = False


@dataclass(frozen=True, slots=True)
class Pulled:
    """The source did all but the write, and what came of it lies at the output of this node."""

    node_id: str
    rows: int


class Undecided(Exception):
    """The chain failed in a way that only its steps, one by one, can tell the truth of."""


class PartFailedError(Exception):
    """The node `node_id` failed, and nothing has been written."""

    def __init__(self, node_id: str, error: BaseException) -> None:
        super().__init__(str(error))
        self.node_id = node_id
        self.error = error


def is_row_wise(part: Part) -> bool:
    return part.node_type is not None and part.node_type.row_wise


def blamed(part: Part, error: ConnectorError) -> Exception:
    if error.code in _OWN_FAULTS:
        return PartFailedError(part.context.node_id, error)
    return Undecided(error.message)


def at(part: Part, connector: Any, work: Callable[[], Any]) -> Any:
    try:
        return reads.guarded(work, part.context, connector)
    except ConnectorError as error:
        raise PartFailedError(part.context.node_id, error) from error


def tell(chain: Chain, result: WriteResult, how: str) -> None:
    assert isinstance(chain.write.config, writes.WriteConfig)
    writes.tell(chain.write.context, result, chain.write.config, how)


def keep(chain: Chain, first: FirstRows) -> None:
    """Store the first rows. What was written is not undone because they cannot be kept."""
    if first.schema is None:
        return
    try:
        chain.write.context.write_batches("output", first.schema, first.batches)
    except NodeError as error:
        chain.write.context.log("warning", f"Its first rows are not kept: {error.message}")

"""Loops: nodes that run other nodes, their body, once for each batch of rows."""

from __future__ import annotations

import abc
from dataclasses import dataclass

from apps.nodes.config import NodeConfig
from apps.nodes.types import EffectNodeType

EACH = "each"
DONE = "done"


@dataclass(frozen=True, slots=True)
class LoopSpec:
    """How a node loops. Its body is what hangs behind its port `each`.

    `item` is the name under which the one row of an iteration is known in the body (`{{ item.column }}`),
    None where an iteration may have several. `collect`: the node of the body whose rows, put together,
    leave by `done`; None: the input's rows do.
    """

    batch_size: int = 1
    item: str | None = "item"
    collect: str | None = None
    concurrency: int = 1
    goes_on: bool = False
    """Whether an iteration that fails leaves the others be."""
    max_iterations: int = 10_000


class LoopNodeType(EffectNodeType):
    """A node with the ports `done` and `each`. The engine drives it; its `run` is asked in previews only,
    where it gives the first batch."""

    @abc.abstractmethod
    def loop(self, config: NodeConfig) -> LoopSpec: ...

"""What an output comes from, as an address: the same address is the same rows.

The address of a node's port is a digest of what the node does and of the addresses of what comes in; where rows
come from outside, of their content. So it is known before anything runs, and changes with all that lies behind a
change and with nothing else.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps.executions.core.dataset import Dataset
from apps.nodes.registry import find
from apps.nodes.types import LazyNodeType
from apps.workflows.core.parameters import as_json, type_of
from apps.workflows.core.plan import Plan, PlanNode, Port

_WORD = re.compile(r"\w+")
NO_MATTER = frozenset({"keepOutput", "outputVariable", "retryCount", "retryDelay", "timeout"})
"""Keys of a config that change nothing about the rows."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where rows come from. `sampled`: a source has more rows than were read; `read_at`: when the oldest of the
    sources was read, None where none was."""

    address: str
    sampled: bool = False
    read_at: datetime | None = None

    @classmethod
    def of_content(cls, dataset: Dataset, *, sampled: bool = False, read_at: datetime | None = None) -> Origin:
        """Of rows from outside: what they are is all that is known of them."""
        columns = [column.as_json() for column in dataset.schema]
        return cls(_digest("content", dataset.digest, columns), sampled, read_at)

    def as_json(self) -> list[Any]:
        return [self.address, self.sampled, None if self.read_at is None else self.read_at.isoformat()]

    @classmethod
    def from_json(cls, value: list[Any]) -> Origin:
        address, sampled, read_at = value
        return cls(address, sampled, None if read_at is None else datetime.fromisoformat(read_at))


def origins(plan: Plan, roots: Mapping[Port, Origin], parameters: Mapping[str, Any]) -> dict[Port, Origin]:
    """Origins of the ports of a plan, roots included. A port has none where its rows depend on more than what
    comes in: behind nodes that act or decide, and behind sources that are no roots."""
    found = dict(roots)
    incoming: dict[str, list[tuple[str, Port]]] = defaultdict(list)
    for edge in plan.edges:
        incoming[edge.target].append((edge.target_port, edge.port))
    for node in plan.nodes.values():  # in an order in which what comes in comes first
        arriving = [(name, found.get(port)) for name, port in incoming[node.id]]
        inputs = [(name, origin) for name, origin in arriving if origin is not None]
        if node.bypass is not None:
            handed_on = [origin for name, origin in inputs if name == node.bypass]
            if len(handed_on) == 1 and node.primary is not None:
                found.setdefault((node.id, node.primary), handed_on[0])
            continue
        node_type = find(node.category, node.operation)
        if not isinstance(node_type, LazyNodeType) or node.scalars or not inputs or len(inputs) < len(arriving):
            continue
        does = definition(node, parameters)
        comes_in = [[name, origin.address] for name, origin in inputs]
        for port in node.schemas:
            address = _digest("output", does, comes_in, port)
            found.setdefault((node.id, port), _together(address, [origin for _, origin in inputs]))
    return found


def definition(node: PlanNode, parameters: Mapping[str, Any]) -> list[Any]:
    """All of a node itself that its rows depend on, as JSON: its type and that one's version, its configuration
    and the values that it names."""
    node_type = find(node.category, node.operation)
    config = {name: value for name, value in node.config.items() if name not in NO_MATTER}
    named = sorted(set(_WORD.findall(json.dumps(config, default=str))) & set(parameters))
    values = {name: [str(type_of(parameters[name])), as_json(parameters[name])] for name in named}
    version = None if node_type is None else node_type.version
    return [node.category, node.operation, version, config, node.connector_id, values]


def _together(address: str, sources: Iterable[Origin]) -> Origin:
    sources = list(sources)
    moments = [origin.read_at for origin in sources if origin.read_at is not None]
    return Origin(address, any(origin.sampled for origin in sources), min(moments, default=None))


def _digest(*parts: Any) -> str:
    # The order of keys counts: that of `derive.expressions` is the order of the columns.
    return hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()

"""Ports: the named input and output handles of a node."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class InputPort:
    """An input handle. `required`: a node without an edge here has a `missing_input` problem.
    `many`: any number of edges may end here, in the order of the diagram's edges."""

    name: str = "input"
    required: bool = True
    many: bool = False


@dataclass(frozen=True, slots=True)
class OutputPort:
    """An output handle. `kind` is `data` for rows, `error` for the one row that describes a failure,
    `branch` for a control node's way out (which carries its input on)."""

    name: str = "output"
    kind: str = "data"


INPUT = InputPort()
OUTPUT = OutputPort()
ERROR = OutputPort("error", "error")
SUCCESS = OutputPort("success")
"""Every node has `success` (the same data as `output`) and `error`; types declare only their own ports."""

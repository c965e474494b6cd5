"""What is wrong with a diagram, found without running it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

Severity = Literal["error", "warning"]

CODES = frozenset(
    {
        "syntax", "unknown_column", "unknown_function", "type_mismatch", "null_comparison", "precedence",
        "forbidden", "unknown_operation", "unknown_config_key", "invalid_config", "cycle", "dangling_edge",
        "missing_connector", "missing_input", "not_upstream", "unknown_parameter", "unknown_table",
        "too_complex",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem. `field` is a path into the node's `data` (`config.expression`), `position` the
    first and past-the-last character inside an expression. `node_id` is None for the whole graph."""

    code: str
    message: str
    field: str | None = None
    node_id: str | None = None
    severity: Severity = "error"
    position: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        if self.code not in CODES:
            raise ValueError(f"{self.code!r} is not a problem code")

    def at(self, node_id: str) -> Problem:
        """The same problem, said of that node."""
        return replace(self, node_id=node_id)

    def as_json(self) -> dict[str, Any]:
        body: dict[str, Any] = {
            "node_id": self.node_id,
            "field": self.field,
            "code": self.code,
            "message": self.message,
            "severity": self.severity,
        }
        if self.position is not None:
            body["position"] = {"start": self.position[0], "end": self.position[1]}
        return body

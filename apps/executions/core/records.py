"""What the engine tells about a run: states of nodes, results of stages. JSON in and out."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from apps.executions.core.dataset import Dataset
from apps.executions.core.states import NodeStatus
from apps.kernel.errors import Recovery, UzoError
from apps.nodes.columns import DataType
from apps.workflows.core.parameters import as_json, convert, type_of
from apps.workflows.core.plan import Port


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a node failed, as people read it. `transient`: the same may work later."""

    code: str
    message: str
    remedy: str = ""
    transient: bool = False

    @classmethod
    def of(cls, error: BaseException) -> Failure:
        """What an exception says; one that UZO did not raise on purpose is `internal_error`."""
        if isinstance(error, UzoError):
            return cls(error.code, error.message, error.remedy, error.recovery is Recovery.TRANSIENT)
        return cls(
            "internal_error",
            f"Something unexpected happened: {type(error).__name__}",
            "Try again; if it stays, give the id of this execution to your operator.",
        )

    def as_json(self) -> dict[str, str]:
        return {"code": self.code, "message": self.message, "remedy": self.remedy}


@dataclass(frozen=True, slots=True)
class NodeState:
    """One node of one execution. Times are aware, in UTC; `bytes` is the size of what it stored."""

    node_id: str
    status: NodeStatus
    started_at: datetime | None = None
    finished_at: datetime | None = None
    rows_in: int | None = None
    rows_out: int | None = None
    pushed_down: bool = False
    bytes: int | None = None
    attempt: int = 1
    error: Failure | None = None
    iterations: Mapping[str, int] | None = None
    """Of a loop: how many there are (`total`), are over (`finished`), have failed (`failed`)."""
    part: float | None = None
    """How much of its work is done while it runs, from 0 to 1; None where nobody can tell."""

    @property
    def duration_ms(self) -> int | None:
        if self.started_at is None or self.finished_at is None:
            return None
        return round((self.finished_at - self.started_at).total_seconds() * 1000)

    def as_json(self) -> dict[str, Any]:
        """The node object of an execution, as clients read it."""
        body: dict[str, Any] = {
            "node_id": self.node_id,
            "status": str(self.status),
            "started_at": _moment(self.started_at),
            "finished_at": _moment(self.finished_at),
            "duration_ms": self.duration_ms,
            "rows_in": self.rows_in,
            "rows_out": self.rows_out,
            "pushed_down": self.pushed_down,
            "bytes": self.bytes,
            "attempt": self.attempt,
            "error": self.error.as_json() if self.error is not None else None,
        }
        if self.iterations is not None:
            body["iterations"] = dict(self.iterations)
        return body if self.part is None else {**body, "part": self.part}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> NodeState:
        error = value["error"]
        return cls(
            node_id=value["node_id"],
            status=NodeStatus(value["status"]),
            started_at=_read_moment(value["started_at"]),
            finished_at=_read_moment(value["finished_at"]),
            rows_in=value["rows_in"],
            rows_out=value["rows_out"],
            pushed_down=value["pushed_down"],
            bytes=value["bytes"],
            attempt=value["attempt"],
            error=Failure(error["code"], error["message"], error["remedy"]) if error is not None else None,
            iterations=value.get("iterations"),
            part=value.get("part"),
        )


@dataclass(frozen=True, slots=True)
class StageResult:
    """What a stage left: the last state of each of its nodes, datasets by port, scalars by node and
    name, for control nodes the ports that were taken, and how many warnings a node gave."""

    stage_id: str
    nodes: tuple[NodeState, ...]
    datasets: Mapping[Port, Dataset] = field(default_factory=dict)
    scalars: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    branches: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    warnings: Mapping[str, int] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {
            "stage_id": self.stage_id,
            "nodes": [node.as_json() for node in self.nodes],
            "datasets": [[node, port, dataset.as_json()] for (node, port), dataset in self.datasets.items()],
            "scalars": {
                node: {name: {"type": str(type_of(value)), "value": _exact(value)} for name, value in values.items()}
                for node, values in self.scalars.items()
            },
            "branches": {node: list(ports) for node, ports in self.branches.items()},
            "warnings": dict(self.warnings),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> StageResult:
        return cls(
            value["stage_id"],
            tuple(NodeState.from_json(node) for node in value["nodes"]),
            {(node, port): Dataset.from_json(dataset) for node, port, dataset in value["datasets"]},
            {
                node: {name: convert(each["value"], DataType.parse(each["type"])) for name, each in values.items()}
                for node, values in value["scalars"].items()
            },
            {node: tuple(ports) for node, ports in value["branches"].items()},
            value.get("warnings", {}),
        )


@dataclass(frozen=True, slots=True)
class Parking:
    """A stage whose node has parked: why, until when at most, and what it left for its next call.
    `started_at` is when the node began, `since` when its present attempt did."""

    stage_id: str
    node_id: str
    reason: str
    until: datetime | None
    state: Mapping[str, Any]
    started_at: datetime
    since: datetime
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an execution ended, or why no worker has anything to do for it now.

    `status` is success, failed or cancelled; `error` of the node that failed it, `failed_node`; `warnings`
    counts failures that were handled. Or it is paused: by a person where `waiting_for` is `resume`, else by
    what its parked nodes wait for, until `wake_at` at most.
    """

    status: str
    error: Failure | None = None
    failed_node: str | None = None
    warnings: int = 0
    waiting_for: str | None = None
    wake_at: datetime | None = None


RESUME = "resume"
"""What an execution waits for that a person paused."""
URGENCY = ("approval", "children", "wait")


def parked(parkings: Collection[Parking], warnings: int) -> Outcome:
    """The outcome of an execution in which nothing but these could go on: a person who looks is told first
    of what a person can do."""
    reasons = sorted((parking.reason for parking in parkings), key=URGENCY.index)
    untils = [parking.until for parking in parkings if parking.until is not None]
    return Outcome("paused", warnings=warnings, waiting_for=reasons[0], wake_at=min(untils, default=None))


def _moment(value: datetime | None) -> str | None:
    return value.isoformat().replace("+00:00", "Z") if value is not None else None


def _read_moment(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value) if value is not None else None


def _exact(value: Any) -> Any:
    """A scalar as JSON that loses no digit."""
    return str(value) if isinstance(value, Decimal) else as_json(value)

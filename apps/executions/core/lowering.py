"""A fused stage as one Polars plan: all its nodes lowered, its outputs stored, its rows counted, at once.

Sub-plans that several outputs share are computed once (`collect_all`), and a count costs next to
nothing there. When the plan fails, its nodes are run one after the other to see which one it was.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from apps.executions.core.dataset import Dataset
from apps.executions.core.store import Pending, RunStore, annotate, is_disk_full
from apps.nodes.columns import Schema
from apps.transforms.schemas import remember
from apps.workflows.core.plan import PlanEdge, PlanNode, Port

Frames = Mapping[str, list[pl.LazyFrame]]


@dataclass(slots=True)
class LoweredNode:
    """A node that takes part: what it is, where its rows come from, how to lower it.

    `explain` makes the error to show of what its rows raised. `warnings` gives one row that counts, by
    name of rule, what is wrong without stopping anything.
    """

    plan: PlanNode
    edges: Sequence[PlanEdge]
    lower: Callable[[Frames], Mapping[str, pl.LazyFrame]]
    changes_rows: bool
    is_scan: bool = False
    explain: Callable[[Exception, Frames], Exception] | None = None
    warnings: Callable[[Frames], pl.LazyFrame] | None = None


@dataclass(slots=True)
class FusedResult:
    """Datasets of the stored ports, rows by port as far as known, failures and warnings by node."""

    datasets: dict[Port, Dataset] = field(default_factory=dict)
    rows: dict[Port, int] = field(default_factory=dict)
    failures: dict[str, BaseException] = field(default_factory=dict)
    skipped: set[str] = field(default_factory=set)
    warnings: dict[str, dict[str, int]] = field(default_factory=dict)


class FusedPlan:
    """Runs once. `inputs`: datasets that come from other stages; `outputs`: ports to store; `scan`: how
    a dataset is read; `check` raises when the execution is to stop."""

    def __init__(
        self,
        *,
        segments: Sequence[Sequence[LoweredNode]],
        inputs: Mapping[Port, Dataset],
        outputs: frozenset[Port],
        store: RunStore,
        scan: Callable[[Port, Dataset], pl.LazyFrame],
        check: Callable[[], None],
    ) -> None:
        self._segments = segments
        self._inputs = inputs
        self._outputs = outputs
        self._store = store
        self._scan = scan
        self._check = check
        self._scratch: list[Pending] = []
        self._result = FusedResult()
        self._frames: dict[Port, pl.LazyFrame] = {}
        self._ports: dict[str, list[str]] = {}
        self._nodes = {node.plan.id: node for segment in segments for node in segment}
        self._readers: dict[Port, set[int]] = {}
        for index, segment in enumerate(segments):
            for node in segment:
                for edge in node.edges:
                    self._readers.setdefault(edge.port, set()).add(index)

    def run(self) -> FusedResult:
        try:
            try:
                self._start()
                for index, segment in enumerate(self._segments):
                    self._check()
                    self._run_together(index, segment)
            except Exception as error:
                if is_disk_full(error) or getattr(error, "code", "") == "disk_full":
                    raise
                self._start()
                self._run_one_by_one()
            return self._result
        finally:
            for pending in self._scratch:
                self._store.discard(pending)

    def _start(self) -> None:
        self._result = FusedResult(rows={port: dataset.rows for port, dataset in self._inputs.items()})
        self._frames = {port: self._scan(port, dataset) for port, dataset in self._inputs.items()}

    # All at once

    def _run_together(self, index: int, segment: Sequence[LoweredNode]) -> None:
        for node in segment:
            self._lower(node)
        ports = [(node.plan.id, port) for node in segment for port in self._ports[node.plan.id]]
        stored = [port for port in ports if port in self._outputs or self._readers.get(port, set()) - {index}]
        pending = {port: self._store.pending(self._schema(port)) for port in stored}
        self._scratch += [place for port, place in pending.items() if port not in self._outputs]
        counted = [port for port in ports if port not in pending and self._must_count(port)]
        try:
            scans = [port for port in counted if self._nodes[port[0]].is_scan]
            for port in scans:
                # Counted on its own: in the common plan it would keep filters and columns from the file.
                self._result.rows[port] = _count(self._frames[port].select(pl.len()).collect(engine="streaming"))
            fused = [port for port in counted if port not in scans]
            sinks = [self._frames[port].sink_ipc(place.path, lazy=True) for port, place in pending.items()]
            counts = [self._frames[port].select(pl.len()) for port in fused]
            rules = [node for node in segment if node.warnings is not None]
            warnings = [node.warnings(self._inputs_of(node)) for node in rules if node.warnings is not None]
            answers = pl.collect_all([*sinks, *counts, *warnings], engine="streaming")
        except BaseException:
            for place in pending.values():
                self._store.discard(place)
            raise
        for port, answer in zip(fused, answers[len(sinks) :][: len(fused)], strict=True):
            self._result.rows[port] = _count(answer)
        for node, answer in zip(rules, answers[len(sinks) + len(fused) :], strict=True):
            self._note_warnings(node, answer)
        self._adopt(pending)
        self._carry_counts(segment)

    def _inputs_of(self, node: LoweredNode) -> dict[str, list[pl.LazyFrame]]:
        inputs: dict[str, list[pl.LazyFrame]] = {}
        for edge in node.edges:
            inputs.setdefault(edge.target_port, []).append(self._frames[edge.port])
        return inputs

    def _lower(self, node: LoweredNode) -> None:
        frames = node.lower(self._inputs_of(node))
        self._ports[node.plan.id] = list(frames)
        for port, frame in frames.items():
            self._frames[node.plan.id, port] = frame

    def _note_warnings(self, node: LoweredNode, answer: pl.DataFrame) -> None:
        counts = {name: int(count) for name, count in answer.row(0, named=True).items() if count}
        if counts:
            self._result.warnings[node.plan.id] = counts

    def _must_count(self, port: Port) -> bool:
        """Whether no one can tell a port's rows without counting: the number may have changed, or the
        port is read and not the node's primary one."""
        node = self._nodes[port[0]]
        return node.changes_rows if port[1] == node.plan.primary else port in self._readers

    def _carry_counts(self, segment: Sequence[LoweredNode]) -> None:
        for node in segment:
            if node.plan.primary is not None and not node.changes_rows:
                port = (node.plan.id, node.plan.primary)
                source = node.edges[0].port
                if port not in self._result.rows and source in self._result.rows:
                    self._result.rows[port] = self._result.rows[source]

    def _adopt(self, pending: Mapping[Port, Pending]) -> None:
        for port, place in pending.items():
            if port in self._outputs:
                dataset = self._store.adopt(place)
                self._result.datasets[port] = dataset
                self._result.rows[port] = dataset.rows
                self._frames[port] = self._scan(port, dataset)
            else:
                frame = pl.scan_ipc(place.path, glob=False)
                self._frames[port] = remember(frame, annotate(frame.collect_schema(), place.schema))
                self._result.rows[port] = _count(self._frames[port].select(pl.len()).collect())

    def _schema(self, port: Port) -> Schema | None:
        return self._nodes[port[0]].plan.schemas.get(port[1])

    # One by one

    def _run_one_by_one(self) -> None:
        for node in self._nodes.values():
            self._check()
            lost = self._result.failures.keys() | self._result.skipped
            if any(edge.source in lost for edge in node.edges):
                self._result.skipped.add(node.plan.id)
                continue
            try:
                self._run_one(node)
            except Exception as error:
                if is_disk_full(error) or getattr(error, "code", "") == "disk_full":
                    raise
                self._result.failures[node.plan.id] = self._explained(node, error)

    def _explained(self, node: LoweredNode, error: Exception) -> Exception:
        return error if node.explain is None else node.explain(error, self._inputs_of(node))

    def _run_one(self, node: LoweredNode) -> None:
        self._lower(node)
        ports = [(node.plan.id, port) for port in self._ports[node.plan.id]]
        pending = {port: self._store.pending(self._schema(port)) for port in ports}
        self._scratch += [place for port, place in pending.items() if port not in self._outputs]
        try:
            pl.collect_all(
                [self._frames[port].sink_ipc(place.path, lazy=True) for port, place in pending.items()],
                engine="streaming",
            )
            if node.warnings is not None:
                self._note_warnings(node, node.warnings(self._inputs_of(node)).collect(engine="streaming"))
        except BaseException:
            for place in pending.values():
                self._store.discard(place)
            raise
        self._adopt(pending)


def _count(frame: pl.DataFrame) -> int:
    return int(frame.item())

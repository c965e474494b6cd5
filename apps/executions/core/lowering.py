"""A fused stage as one Polars plan: all its nodes lowered, its outputs stored, its rows counted, at once.

Sub-plans that several outputs share are computed once (`collect_all`). Rows are counted as they pass
where that is certain to be right (`tapping`), else by a plan of their own beside. Rows that come once
(`arriving`) are stored first where the plan would ask for them twice. When the plan fails, its nodes are
run one after the other to see which one it was.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from apps.executions.core.arriving import Arriving, beginnings
from apps.executions.core.dataset import Dataset
from apps.executions.core.store import Pending, RunStore, annotate, is_disk_full
from apps.executions.core.tapping import Taps
from apps.kernel.errors import NodeError
from apps.nodes.columns import Schema
from apps.transforms.schemas import remember, schema_of
from apps.workflows.core.plan import PlanEdge, PlanNode, Port

Frames = Mapping[str, list[pl.LazyFrame]]


@dataclass(slots=True)
class LoweredNode:
    """A node that takes part: what it is, where its rows come from, how to lower it.

    `reads_all`: it takes every row that is there. `explain` makes the error to show of what its rows
    raised. `arrival` is where its rows come from if they come once. `warnings` gives one row that counts,
    by name of rule, what is wrong without stopping anything. `multiplied`: input ports whose rows are
    combined each with each.
    """

    plan: PlanNode
    edges: Sequence[PlanEdge]
    lower: Callable[[Frames], Mapping[str, pl.LazyFrame]]
    changes_rows: bool
    is_scan: bool = False
    arrival: Arriving | None = None
    reads_all: bool = False
    explain: Callable[[Exception, Frames], Exception] | None = None
    warnings: Callable[[Frames], pl.LazyFrame] | None = None
    multiplied: tuple[str, ...] = ()


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
    a dataset is read; `check` raises when the execution is to stop; `most_rows`: what a product of
    inputs may come to."""

    def __init__(
        self,
        *,
        segments: Sequence[Sequence[LoweredNode]],
        inputs: Mapping[Port, Dataset],
        outputs: frozenset[Port],
        store: RunStore,
        scan: Callable[[Port, Dataset], pl.LazyFrame],
        check: Callable[[], None],
        most_rows: int,
    ) -> None:
        self._segments = segments
        self._inputs = inputs
        self._outputs = outputs
        self._store = store
        self._scan = scan
        self._check = check
        self._most_rows = most_rows
        self._scratch: list[Pending] = []
        self._taps = Taps()
        self._result = FusedResult()
        self._frames: dict[Port, pl.LazyFrame] = {}
        self._arrived: dict[str, Mapping[str, pl.LazyFrame]] = {}
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

    def so_far(self) -> Mapping[str, int]:
        """Rows out of each node that are known or have been counted on their way, while the plan runs. For any
        thread. What a tap counts may turn out to be too little."""
        rows = dict(self._result.rows) | dict(self._taps.rows)
        for node in self._nodes.values():
            if node.plan.primary is None:
                continue
            port = (node.plan.id, node.plan.primary)
            if node.arrival is not None and node.arrival.complete:
                rows.setdefault(port, node.arrival.rows)
            elif not node.changes_rows and (source := node.edges[0].port) in rows and source not in self._inputs:
                rows.setdefault(port, rows[source])
        return {node: count for (node, port), count in rows.items() if self._is_primary(node, port)}

    def _is_primary(self, node_id: str, port: str) -> bool:
        node = self._nodes.get(node_id)
        return node is not None and node.plan.primary == port

    def _start(self) -> None:
        self._result = FusedResult(rows={port: dataset.rows for port, dataset in self._inputs.items()})
        self._frames = {port: self._scan(port, dataset) for port, dataset in self._inputs.items()}

    # All at once

    def _run_together(self, index: int, segment: Sequence[LoweredNode]) -> None:
        if any(node.multiplied for node in segment):
            self._lower_all(segment, Taps(), frozenset())  # untapped: rows would be counted twice
            for node in segment:
                self._refuse_explosion(node)
        self._taps = taps = Taps()
        self._lower_all(segment, taps, self._tapped(index, segment))
        ports = [(node.plan.id, port) for node in segment for port in self._ports[node.plan.id]]
        stored = [port for port in ports if self._is_stored(index, port)]
        pending = {port: self._store.pending(self._schema(port)) for port in stored}
        self._scratch += [place for port, place in pending.items() if port not in self._outputs]
        try:
            ends = self._ends(segment, pending)
            if not taps.hold(ends):
                self._taps = taps = Taps()
                self._lower_all(segment, taps, frozenset())
                ends = self._ends(segment, pending)
            alone = [port for port in ports if port not in pending and port not in taps.rows and self._must_count(port)]
            alone = [port for port in alone if not self._nodes[port[0]].is_scan]
            plans = [*ends, *(self._len(port) for port in alone)]
            if twice := self._asked_twice(segment, plans):
                for place in pending.values():
                    self._store.discard(place)
                self._store_first(twice)
                self._run_together(index, segment)
                return
            self._count_scans(port for port in ports if port not in pending)
            answers = pl.collect_all(plans, engine="streaming")
        except BaseException:
            for place in pending.values():
                self._store.discard(place)
            raise
        self._result.rows |= taps.rows
        self._result.rows |= dict(zip(alone, map(_count, answers[len(ends) :]), strict=True))
        for node, answer in zip(_with_rules(segment), answers[len(pending) :], strict=False):
            self._note_warnings(node, answer)
        self._adopt(pending)
        self._carry_counts(segment)
        if taps.rows and self._stopped_early(segment):
            if self._arriving(segment):
                self._forget(segment, taps)
            else:
                self._recount(segment, taps)

    # Rows that come once

    def _arriving(self, segment: Sequence[LoweredNode]) -> list[LoweredNode]:
        return [node for node in segment if node.arrival is not None and node.plan.id not in self._arrived]

    def _asked_twice(self, segment: Sequence[LoweredNode], plans: Sequence[pl.LazyFrame]) -> list[LoweredNode]:
        """The nodes whose rows come once, if these plans would ask for some of them twice."""
        nodes = self._arriving(segment)
        return nodes if nodes and beginnings(plans) > len(nodes) else []

    def _store_first(self, nodes: Sequence[LoweredNode]) -> None:
        """Store rows that come once, for as long as the plan runs."""
        for node in nodes:
            self._check()
            frames = dict(node.lower({}))
            port = (node.plan.id, node.plan.primary or "output")
            place = self._store.pending(schema_of(frames[port[1]]))
            self._scratch.append(place)
            frames[port[1]].sink_ipc(place.path, engine="streaming")
            frames[port[1]] = self._stored(place)
            self._arrived[node.plan.id] = frames
            if node.arrival is not None and node.arrival.complete:
                self._result.rows[port] = _count(frames[port[1]].select(pl.len()).collect())

    def _forget(self, segment: Sequence[LoweredNode], taps: Taps) -> None:
        """What the taps may have seen too little of, and what was told from it: no one knows, and asking for the
        rows again might tell something else."""
        unknown = set(taps.rows)
        for node in segment:
            if not node.changes_rows and node.edges and node.edges[0].port in unknown:
                unknown.add((node.plan.id, node.plan.primary or ""))
        for port in unknown - self._outputs:
            self._result.rows.pop(port, None)

    def _lower_all(self, segment: Sequence[LoweredNode], taps: Taps, tapped: frozenset[Port]) -> None:
        for node in segment:
            self._lower(node)
            for name in self._ports[node.plan.id]:
                port = (node.plan.id, name)
                if port in tapped:
                    self._frames[port] = taps.place(port, self._frames[port])

    def _ends(self, segment: Sequence[LoweredNode], pending: Mapping[Port, Pending]) -> list[pl.LazyFrame]:
        """The sinks of the stored ports, then the warnings of the nodes with rules."""
        sinks = [self._frames[port].sink_ipc(place.path, lazy=True) for port, place in pending.items()]
        rules = [node.warnings(self._inputs_of(node)) for node in _with_rules(segment) if node.warnings is not None]
        return sinks + rules

    def _len(self, port: Port) -> pl.LazyFrame:
        return self._frames[port].select(pl.len())

    def _is_stored(self, index: int, port: Port) -> bool:
        return port in self._outputs or bool(self._readers.get(port, set()) - {index})

    def _tapped(self, index: int, segment: Sequence[LoweredNode]) -> frozenset[Port]:
        """Ports whose rows are to be counted as they pass: all that lies behind them takes every row, and
        leads to one end by one way."""
        tapped: set[Port] = set()
        clear: set[str] = set()
        edges: dict[Port, list[str]] = {}
        for node in segment:
            for edge in node.edges:
                edges.setdefault(edge.port, []).append(node.plan.id)
        for node in reversed(segment):
            ports = [port for port in {*edges, *self._outputs} if port[0] == node.plan.id]
            for port in ports:
                readers = edges.get(port, [])
                if len(readers) + self._is_stored(index, port) != 1 or not clear.issuperset(readers):
                    continue
                if len(ports) == 1 and node.reads_all and node.warnings is None:
                    clear.add(node.plan.id)
                if readers and not node.is_scan and self._must_count(port):
                    tapped.add(port)
        return frozenset(tapped)

    def _count_scans(self, ports: Iterable[Port]) -> None:
        """On their own: in the common plan it would keep filters and columns from the file."""
        for port in ports:
            if self._nodes[port[0]].is_scan and self._must_count(port):
                self._result.rows[port] = _count(self._len(port).collect(engine="streaming"))

    def _stopped_early(self, segment: Sequence[LoweredNode]) -> bool:
        """Whether a node may not have taken every row after all: where one side of a join turns out to be
        empty, Polars asks no more of the other."""
        return any(
            len(node.edges) > 1 and not all(self._result.rows.get(edge.port) for edge in node.edges) for node in segment
        )

    def _recount(self, segment: Sequence[LoweredNode], taps: Taps) -> None:
        """Count on their own what the taps may have seen too little of."""
        as_stored = dict(self._frames)
        for node in segment:
            self._lower(node)
        counts = pl.collect_all([self._len(port) for port in taps.rows], engine="streaming")
        self._frames = as_stored
        self._result.rows |= dict(zip(taps.rows, map(_count, counts), strict=True))
        self._carry_counts(segment, anew=True)

    def _inputs_of(self, node: LoweredNode) -> dict[str, list[pl.LazyFrame]]:
        inputs: dict[str, list[pl.LazyFrame]] = {}
        for edge in node.edges:
            inputs.setdefault(edge.target_port, []).append(self._frames[edge.port])
        return inputs

    def _lower(self, node: LoweredNode) -> None:
        frames = self._arrived.get(node.plan.id) or node.lower(self._inputs_of(node))
        self._ports[node.plan.id] = list(frames)
        for port, frame in frames.items():
            self._frames[node.plan.id, port] = frame

    def _refuse_explosion(self, node: LoweredNode) -> None:
        """Count what would be combined each with each, which is cheap beside doing it."""
        if not node.multiplied:
            return
        inputs = self._inputs_of(node)
        frames = [frame.select(pl.len()) for port in node.multiplied for frame in inputs.get(port, ())]
        counts = [_count(answer) for answer in pl.collect_all(frames, engine="streaming")]
        if math.prod(counts) > self._most_rows:
            raise NodeError(
                f"{' × '.join(f'{count:,}' for count in counts)} rows would come to {math.prod(counts):,}, "
                f"and {self._most_rows:,} is the most",
                code="too_many_rows",
                remedy="Join on keys, filter or aggregate before, or have the operator raise UZO_CROSS_JOIN_ROWS.",
            )

    def _note_warnings(self, node: LoweredNode, answer: pl.DataFrame) -> None:
        counts = {name: int(count) for name, count in answer.row(0, named=True).items() if count}
        if counts:
            self._result.warnings[node.plan.id] = counts

    def _must_count(self, port: Port) -> bool:
        """Whether no one can tell a port's rows without counting: the number may have changed, or the
        port is read and not the node's primary one."""
        node = self._nodes[port[0]]
        if port in self._result.rows or (node.arrival is not None and not node.arrival.complete):
            return False
        return node.changes_rows if port[1] == node.plan.primary else port in self._readers

    def _carry_counts(self, segment: Sequence[LoweredNode], *, anew: bool = False) -> None:
        for node in segment:
            if node.plan.primary is not None and not node.changes_rows:
                port = (node.plan.id, node.plan.primary)
                source = node.edges[0].port
                if (anew or port not in self._result.rows) and source in self._result.rows:
                    self._result.rows[port] = self._result.rows[source]

    def _adopt(self, pending: Mapping[Port, Pending]) -> None:
        for port, place in pending.items():
            if port in self._outputs:
                dataset = self._store.adopt(place)
                self._result.datasets[port] = dataset
                self._result.rows[port] = dataset.rows
                self._frames[port] = self._scan(port, dataset)
            else:
                self._frames[port] = self._stored(place)
                self._result.rows[port] = _count(self._frames[port].select(pl.len()).collect())

    @staticmethod
    def _stored(place: Pending) -> pl.LazyFrame:
        frame = pl.scan_ipc(place.path, glob=False)
        return remember(frame, annotate(frame.collect_schema(), place.schema))

    def _schema(self, port: Port) -> Schema | None:
        return self._nodes[port[0]].plan.schemas.get(port[1])

    # One by one

    def _run_one_by_one(self) -> None:
        for node in self._nodes.values():
            if node.arrival is not None:
                node.arrival.stop()
        for node in self._nodes.values():
            self._check()
            lost = self._result.failures.keys() | self._result.skipped
            if any(edge.source in lost for edge in node.edges):
                self._result.skipped.add(node.plan.id)
                continue
            if node.arrival is not None and node.arrival.error is not None:
                self._result.failures[node.plan.id] = node.arrival.error
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
        self._refuse_explosion(node)
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


def _with_rules(segment: Sequence[LoweredNode]) -> list[LoweredNode]:
    return [node for node in segment if node.warnings is not None]


def _count(frame: pl.DataFrame) -> int:
    return int(frame.item())

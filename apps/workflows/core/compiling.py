"""How a plan is made: which nodes take part, which fuse, what is stored between stages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from apps.kernel.errors import NotFound, Unprocessable
from apps.nodes.columns import DataType, Schema
from apps.nodes.loops import DONE, EACH, LoopNodeType
from apps.nodes.types import EffectNodeType, LazyNodeType
from apps.workflows.core.analysis import AnalysedNode, Analysis
from apps.workflows.core.graph import default_output
from apps.workflows.core.grouping import Groups
from apps.workflows.core.loops import Loop, Loops
from apps.workflows.core.plan import Plan, PlanEdge, PlanNode, Port, Stage, mock_port
from apps.workflows.core.pushdown import find_chains

SEGMENT_NODES = 24
"""Nodes in one Polars plan. Its optimiser takes time that grows with the cube of a chain's length
(filters that move past computed columns): 5 ms at 24 nodes, 0.5 s at 100."""


@dataclass(slots=True)
class _Step:
    """One node on its way into the plan."""

    node: AnalysedNode
    lazy: bool
    alone: bool
    loop: Loop | None = None
    body: Plan | None = None
    rank: int = 0
    chain: str | None = None
    """The read that the chain begins with which it runs in."""

    @property
    def border(self) -> bool:
        """Whether its rows must be stored before others read them."""
        return not self.lazy or self.alone


class Compiler:
    """Compiles once; see `apps.workflows.core.plan.compile_plan`.

    A loop is one step, and its body a plan of its own, compiled `within` it: what comes to the body from
    outside is given there. A preview has no loops: it runs the first batch like everything else.
    """

    def __init__(
        self,
        analysis: Analysis,
        targets: Collection[str] | None,
        given: Mapping[Port, Schema],
        *,
        within: Loop | None = None,
        types: Mapping[str, DataType] | None = None,
        materialise: bool = False,
    ) -> None:
        self._analysis = analysis
        self._graph = analysis.graph
        self._targets = None if targets is None else tuple(targets)
        self._loops = analysis.loops if targets is None else Loops()
        self._within = within
        self._materialise = materialise
        self._types = analysis.parameters.types if types is None else types
        self._given = dict(given)
        self._order = analysis.loops.inference_order(analysis.graph)
        self._edges: list[PlanEdge] = []
        self._waits: dict[str, list[str]] = defaultdict(list)
        self._steps: dict[str, _Step] = {}
        self._bypass: dict[str, str] = {}
        self._goes_on: set[str] = set()

    def plan(self) -> Plan:
        taking_part = self._taking_part()
        if self._within is None:
            self._require_valid(taking_part)
        self._collect_edges(taking_part)
        for node_id in self._order:
            if node_id in taking_part and self._step_id(node_id) == node_id:
                self._steps[node_id] = self._step(self._analysis.nodes[node_id])
        self._find_chains()
        self._join_reads()
        self._rank()
        self._goes_on = {
            edge.source
            for edge in self._edges
            if edge.source_port != "error" and not (edge.source in self._loops.by_id and edge.source_port == EACH)
        }
        stages = self._stages()
        read = {edge.port for edge in self._edges}
        return Plan(
            nodes={
                node_id: self._plan_node(self._analysis.nodes[node_id])
                for node_id in self._order
                if node_id in taking_part
            },
            edges=tuple(self._edges),
            stages=stages,
            kept=frozenset(port for node_id in self._steps for port in self._kept(node_id)),
            given=frozenset(port for port in self._given if port in read),
            parameter_types=dict(self._types),
        )

    # Loops

    def _step_id(self, node_id: str) -> str:
        """The step that a node is, or that runs it in its body."""
        inside = None if self._within is None else self._within.id
        found = node_id
        while (owner := self._loops.owner.get(found)) is not None and owner != inside:
            found = owner
        return found

    def _body_of(self, loop: Loop) -> Plan:
        rows = self._analysis.nodes[loop.id].columns(EACH)
        items = {f"{loop.spec.item}.{column.name}": column.type for column in rows} if loop.spec.item else {}
        return Compiler(self._analysis, None, {}, within=loop, types={**self._types, **items}).plan()

    # Which nodes take part

    def _taking_part(self) -> set[str]:
        if self._within is not None:
            return set(self._within.body)
        if self._targets is None:
            return set(self._graph.nodes)
        for target in self._targets:
            if target not in self._graph.nodes:
                raise NotFound(f"The diagram has no node {target!r}")
            if (collected := self._collected(target, DONE)) is not None:
                raise Unprocessable(
                    "A loop that collects has rows once all its iterations are over",
                    code="not_previewable",
                    remedy=f"Preview {collected[0]!r}, which it collects: it shows the first iteration.",
                )
        found: set[str] = set()
        work = list(self._targets)
        while work:
            node_id = work.pop()
            if node_id in found:
                continue
            found.add(node_id)
            work += [
                self._source(edge.source, edge.source_port)[0] if edge.carries_data else edge.source
                for edge in self._graph.incoming[node_id]
                if not edge.carries_data
                or not (
                    self._is_given(edge.source, edge.source_port) or mock_port(node_id, edge.target_port) in self._given
                )
            ]
        return found

    def _source(self, node_id: str, port: str) -> Port:
        """Where rows of a port come from: in a preview, what a loop collects is what the node gives that it
        collects from."""
        port = self._real_port(node_id, port)
        return self._collected(node_id, port) or (node_id, port)

    def _collected(self, node_id: str, port: str) -> Port | None:
        loop = self._analysis.loops.by_id.get(node_id)
        if self._targets is None or loop is None or loop.spec.collect is None or port != DONE:
            return None
        return loop.spec.collect, default_output(self._analysis.nodes[loop.spec.collect].ports)

    def _is_given(self, node_id: str, port: str) -> bool:
        return (node_id, self._real_port(node_id, port)) in self._given

    def _require_valid(self, taking_part: set[str]) -> None:
        problems = [
            problem
            for problem in self._analysis.problems
            if problem.severity == "error"
            and (problem.node_id in taking_part or (problem.node_id is None and self._targets is None))
            and not self._filled_by_given(problem.code, problem.node_id)
        ]
        stuck = [node_id for node_id in taking_part if node_id in self._graph.stuck]
        if problems or stuck:
            raise Unprocessable(
                "The workflow has problems that must be mended first",
                code="workflow_invalid",
                remedy="Mend the problems and save the workflow again.",
                extra={"problems": [problem.as_json() for problem in problems or self._analysis.problems]},
            )

    def _filled_by_given(self, code: str, node_id: str | None) -> bool:
        return (
            code == "missing_input"
            and node_id is not None
            and any(mock_port(node_id, port) in self._given for port in self._input_names(node_id))
        )

    def _collect_edges(self, taking_part: set[str]) -> None:
        for node_id in self._order:
            if node_id not in taking_part:
                continue
            filled = {port for port in self._input_names(node_id) if mock_port(node_id, port) in self._given}
            for port in sorted(filled):
                self._edges.append(PlanEdge(*mock_port(node_id, port), node_id, port))
            for edge in self._graph.incoming[node_id]:
                outside = edge.source not in taking_part
                if not edge.carries_data:
                    if not outside:
                        self._waits[node_id].append(edge.source)
                elif edge.target_port not in filled:
                    source = self._source(edge.source, edge.source_port)
                    self._edges.append(PlanEdge(*source, node_id, edge.target_port))
                    if outside and self._within is not None:
                        self._given[source] = self._analysis.nodes[edge.source].columns(source[1])
        for node_id in self._order:
            step = self._step_id(node_id)
            if step != node_id and node_id in taking_part:  # a loop waits for all that its body needs
                self._waits[step] += [each for each in self._waits[node_id] if self._step_id(each) != step]

    def _input_names(self, node_id: str) -> set[str]:
        return {port.name for port in self._analysis.nodes[node_id].inputs or ()}

    def _real_port(self, node_id: str, port: str) -> str:
        node = self._analysis.nodes[node_id]
        if port == "success" and not any(each.name == "success" for each in node.ports or ()):
            return default_output(node.ports)
        return port

    # Which nodes fuse

    def _step(self, node: AnalysedNode) -> _Step:
        assert node.type is not None
        assert node.config is not None
        config = node.config
        handles_error = any(edge.source_port == "error" for edge in self._graph.outgoing[node.id])
        alone = handles_error or config.continue_on_error or config.timeout is not None or config.retry_count > 0
        if isinstance(node.type, LoopNodeType) and (loop := self._loops.by_id.get(node.id)) is not None:
            return _Step(node, lazy=False, alone=True, loop=loop, body=self._body_of(loop))
        if isinstance(node.type, LazyNodeType):
            return _Step(node, lazy=True, alone=alone)
        assert isinstance(node.type, EffectNodeType)
        if self._targets is not None and node.type.has_external_effect:
            self._bypass[node.id] = self._input_to_hand_on(node)
        scans = (
            not node.inputs
            and not node.type.has_external_effect
            and not alone
            and node.type.scannable(config, self._analysis.catalog)
        )
        return _Step(node, lazy=scans, alone=alone)

    def _input_to_hand_on(self, node: AnalysedNode) -> str:
        ports = [edge.target_port for edge in self._edges if edge.target == node.id]
        if not ports:
            raise Unprocessable(
                f"A preview would have to run {node.id!r}, which acts outside UZO",
                code="not_previewable",
                remedy="Give mock inputs for the node that you want to preview.",
            )
        return ports[0]

    def _find_chains(self) -> None:
        """Chains of a read, transforms and a write that run as one. Not in a preview, where nothing is written."""
        if self._targets is not None or self._within is not None:
            return
        apart = {node_id for node_id, step in self._steps.items() if step.alone or self._is_kept(step)}
        apart |= {source for sources in self._waits.values() for source in sources}
        chains = find_chains(
            {node_id: step.node for node_id, step in self._steps.items()},
            self._edges,
            apart=apart,
            catalog=self._analysis.catalog,
            parameters=self._analysis.parameters.values,
            parameter_types=self._analysis.parameters.types,
        )
        for chain in chains:
            for node_id in chain:
                self._steps[node_id].chain = chain[0]

    def _join_reads(self) -> None:
        """Reads whose rows come once join the plan of the transform that alone reads them. Not in a preview, of
        which each node's sample is kept."""
        if self._targets is not None:
            return
        apart = {source for sources in self._waits.values() for source in sources} | set(self._scalar_sources())
        leaving: dict[str, list[PlanEdge]] = defaultdict(list)
        for edge in self._edges:
            leaving[edge.source].append(edge)
        for node_id, step in self._steps.items():
            if len(leaving[node_id]) != 1 or node_id in apart or self._waits.get(node_id) or self._is_kept(step):
                continue
            [edge] = leaving[node_id]
            reader = self._steps[self._step_id(edge.target)]
            step.lazy |= self._streams(step) and edge.source_port == "output" and not reader.border

    def _streams(self, step: _Step) -> bool:
        node, schema = step.node, step.node.outputs.get("output")
        return (
            isinstance(node.type, EffectNodeType)
            and node.config is not None
            and not (node.inputs or step.alone or step.chain is not None or schema is None or schema.dynamic)
            and node.type.streams(node.config, self._analysis.catalog)
        )

    @staticmethod
    def _is_kept(step: _Step) -> bool:
        return step.node.config is not None and step.node.config.keep_output

    def _rank(self) -> None:
        """Give each node a rank such that rows between different stages always go from a lower rank to a
        higher one: stages can then never wait for each other in a ring. Lazy nodes get the highest rank
        they can have, next to what reads them, so that as many as possible fuse."""
        incoming: dict[str, list[tuple[str, bool]]] = defaultdict(list)
        outgoing: dict[str, list[tuple[str, bool]]] = defaultdict(list)
        for source, target, stored in self._links():
            incoming[target].append((source, stored))
            outgoing[source].append((target, stored))
        for node_id, step in self._steps.items():
            step.rank = max(
                (self._steps[source].rank + stored for source, stored in incoming[node_id]),
                default=0,
            )
        for node_id in reversed(self._steps):
            step = self._steps[node_id]
            if not step.border and outgoing[node_id]:
                step.rank = min(self._steps[target].rank - stored for target, stored in outgoing[node_id])
        for step in self._steps.values():
            if step.chain is not None:  # it waits for all that its nodes wait for, and nothing waits for it
                first = self._steps[step.chain]
                first.rank = max(first.rank, step.rank)

    def _links(self) -> Iterable[tuple[str, str, bool]]:
        """Source, target, and whether a border between stages lies between them."""
        for edge in self._edges:
            source, target = self._step_id(edge.source), self._step_id(edge.target)
            if source in self._steps and self._steps[source].chain is not None:
                continue
            if source in self._steps and source != target and edge.port not in self._given:
                stored = edge.source_port == "error" or self._steps[source].border or self._steps[target].border
                yield source, target, stored
        for waiting, sources in self._waits.items():
            for each in sources:
                source, target = self._step_id(each), self._step_id(waiting)
                if source != target:
                    yield source, target, True

    def _stages(self) -> tuple[Stage, ...]:
        group = Groups(self._steps)
        readers: dict[tuple[Port, int], str] = {}
        for edge in self._edges:
            target = self._steps[self._step_id(edge.target)]
            if target.chain is not None:
                group.join(target.chain, edge.target)
                continue
            if target.border:
                continue
            source = self._steps.get(edge.source) if edge.port not in self._given else None
            if source is not None and not source.border and source.rank == target.rank and edge.source_port != "error":
                group.join(edge.source, edge.target)
            # Readers of one stored dataset share a stage, and so one pass over it.
            first = readers.setdefault((edge.port, target.rank), edge.target)
            if source is None or source.border:
                group.join(first, edge.target)
        members: dict[str, list[str]] = defaultdict(list)
        for node_id in self._steps:
            members[group.of(node_id)].append(node_id)
        ordered = sorted(members.values(), key=lambda nodes: self._steps[nodes[0]].rank)
        stage_of = {node_id: f"s{number}" for number, nodes in enumerate(ordered, 1) for node_id in nodes}
        for step in self._steps.values():
            if step.loop is not None:
                stage_of.update(dict.fromkeys(step.loop.body, stage_of[step.loop.id]))
        after: dict[str, set[str]] = defaultdict(set)
        for source_id, target_id, _ in self._links():
            if stage_of[source_id] != stage_of[target_id]:
                after[stage_of[target_id]].add(stage_of[source_id])
        number = {f"s{index}": index for index in range(1, len(ordered) + 1)}
        stored = self._stored(stage_of)
        return tuple(
            self._stage(
                nodes,
                id=stage_of[nodes[0]],
                after=tuple(sorted(after[stage_of[nodes[0]]], key=number.__getitem__)),
                outputs=tuple(port for node_id in nodes for port in stored[node_id]),
            )
            for nodes in ordered
        )

    def _stage(self, nodes: list[str], *, id: str, after: tuple[str, ...], outputs: tuple[Port, ...]) -> Stage:
        step = self._steps[nodes[0]]
        if step.loop is not None:
            return Stage(id, "loop", ((step.loop.id,), step.loop.body), after, outputs, step.body)
        if step.chain is not None:
            return Stage(id, "pushed", (tuple(nodes),), after, outputs)
        return Stage(id, "fused" if step.lazy else "effect", _cut(nodes), after, outputs)

    def _stored(self, stage_of: Mapping[str, str]) -> dict[str, list[Port]]:
        stored: dict[str, dict[Port, None]] = {node_id: {} for node_id in self._steps}
        for node_id, step in self._steps.items():
            if step.chain is not None:
                continue
            if step.loop is not None:
                stored[node_id] = {(node_id, DONE): None}
            elif not step.lazy or self._materialise:
                stored[node_id] = {(node_id, port.name): None for port in step.node.ports or () if port.kind != "error"}
            stored[node_id].update(dict.fromkeys(self._kept(node_id)))
        if self._within is not None and (collect := self._within.spec.collect) in stored and collect is not None:
            stored[collect][collect, default_output(self._steps[collect].node.ports)] = None
        for edge in self._edges:
            if (
                edge.source in stored
                and edge.source in stage_of
                and stage_of[edge.source] != stage_of[edge.target]
                and edge.source_port != "error"
            ):
                stored[edge.source][edge.port] = None
        for source in self._scalar_sources():
            stored[source][source, default_output(self._steps[source].node.ports)] = None
        return {node_id: list(ports) for node_id, ports in stored.items()}

    def _scalar_sources(self) -> Iterable[str]:
        """Nodes whose output, one column of one row, is read as a value."""
        for target, names in self._graph.scalars.items():
            if self._step_id(target) in self._steps:
                yield from (
                    source
                    for name, source in names.items()
                    if source in self._steps and name not in self._steps[source].node.scalars
                )

    def _kept(self, node_id: str) -> list[Port]:
        step = self._steps[node_id]
        node = step.node
        if step.body is not None:
            done = node_id not in self._goes_on or (node.config is not None and node.config.keep_output)
            return [*([(node_id, DONE)] if done else []), *sorted(step.body.kept)]
        if self._targets is not None:
            keep = node_id in self._targets
        else:
            keep = node_id not in self._goes_on or (node.config is not None and node.config.keep_output)
        return [(node_id, port.name) for port in node.ports or () if port.kind != "error"] if keep else []

    def _plan_node(self, node: AnalysedNode) -> PlanNode:
        step_id = self._step_id(node.id)
        scalars = dict(self._graph.scalars.get(node.id, {}))
        if self._targets is not None:
            names = [each.name for each in node.references]
            scalars |= {name: loop.id for name, (loop, _) in self._analysis.loops.items(node.id, names).items()}
        assert node.config is not None
        error_port = any(edge.source_port == "error" for edge in self._graph.outgoing[node.id])
        ports = [port.name for port in node.ports or () if port.kind == "data"]
        return PlanNode(
            id=node.id,
            category=node.category,
            operation=node.operation,
            config=node.raw,
            connector_id=node.connector_id,
            schemas=dict(node.outputs),
            # What comes from around a loop is a parameter of its body.
            scalars={name: source for name, source in scalars.items() if source in self._steps and source != node.id},
            primary=default_output(node.ports) if ports else None,
            handled=error_port or node.config.continue_on_error,
            error_port=error_port,
            bypass=self._bypass.get(node.id),
            waits=tuple(dict.fromkeys(self._waits.get(node.id, ()))),
            loop=step_id if step_id != node.id else None,
        )


def _cut(nodes: list[str]) -> tuple[tuple[str, ...], ...]:
    count = -(-len(nodes) // SEGMENT_NODES)
    size = -(-len(nodes) // count)
    return tuple(tuple(nodes[start : start + size]) for start in range(0, len(nodes), size))

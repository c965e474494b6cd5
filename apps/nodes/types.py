"""Node types: what a node does, versioned, typed before it runs.

A type says its ports and columns (`infer`) and either joins a lazy Polars plan (`LazyNodeType.lower`)
or acts on the world (`EffectNodeType.run`). Types are stateless: one instance serves all runs.
"""

from __future__ import annotations

import abc
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Literal, Protocol, TypeVar

import polars as pl

from apps.nodes.columns import DataType, Schema
from apps.nodes.config import NodeConfig
from apps.nodes.ports import INPUT, OUTPUT, InputPort, OutputPort
from apps.nodes.problems import Problem

Inputs = Mapping[str, Sequence[Schema]]
"""Columns by input port; a port has as many entries as edges that end there."""
Frames = Mapping[str, Sequence[pl.LazyFrame]]
T = TypeVar("T")


class Catalog(Protocol):
    """What inference may ask of connectors: cached, discovered columns. Never has an effect."""

    def columns(self, connector_id: str, config: Mapping[str, Any]) -> Schema | Problem:
        """Columns that a read with this config would give; a Problem (`missing_connector`,
        `unknown_table`, a warning when it could not be discovered in time) where it cannot say."""
        ...

    def target_columns(self, connector_id: str, table: str) -> Schema | None:
        """Columns of a table that a write aims at; None if it does not exist or is not known."""
        ...


class Workflows(Protocol):
    """What inference may ask of saved workflows, by the right of who draws. Never has an effect."""

    def rows_of(
        self,
        workflow_id: str,
        *,
        parameters: Mapping[str, Any],
        input_node: str | None,
        output_node: str | None,
        rows: Schema,
    ) -> tuple[Schema, tuple[Problem, ...]]:
        """Columns that a run of the workflow would give, where `rows` come to its `input_node`; problems are at
        the keys of the config of these names."""
        ...

    def unknown_people(self, names: Sequence[str]) -> Sequence[str]:
        """Those of the names (ids or e-mail addresses of people, ids or names of groups) that nobody bears."""
        ...


@dataclass(frozen=True, slots=True)
class InferContext:
    """`parameters`: type of each declared workflow parameter and upstream scalar, by name;
    `open_parameters`: names not in there may still be given at execution."""

    parameters: Mapping[str, DataType] = field(default_factory=dict)
    open_parameters: bool = True
    catalog: Catalog | None = None
    workflows: Workflows | None = None
    untyped_fields: frozenset[str] = frozenset()
    """Fields (`config.value`) that hold a name whose type nobody knows yet; the config has some value there."""


@dataclass(frozen=True, slots=True)
class Inference:
    """Columns by output port, and what is wrong. `scalars`: types of the names of `NodeType.defines`."""

    outputs: Mapping[str, Schema]
    problems: tuple[Problem, ...] = ()
    scalars: Mapping[str, DataType] = field(default_factory=dict)


class LowerContext(Protocol):
    """What a lazy node type may use while it joins a plan."""

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Typed values of parameters and upstream scalars, by name."""
        ...


class RunContext(LowerContext, Protocol):
    """What an effect may use while it runs: handed in by the engine, or by a test."""

    @property
    def node_id(self) -> str: ...

    @property
    def attempt(self) -> int: ...

    @property
    def idempotency_key(self) -> str:
        """Stable over attempts of one stage of one execution."""
        ...

    @property
    def parked_state(self) -> Mapping[str, Any] | None:
        """What the node left when it parked (`Parked.state`); None when it is called for the first time,
        and on an attempt after a failure."""
        ...

    @property
    def sample(self) -> int | None:
        """In a preview, the number of rows wanted; effects outside UZO are then forbidden."""
        ...

    def connector(self, connector_id: str) -> Any:
        """The opened connector (`apps.connectors.sdk.Connector`), by the right of the version's author.
        Raises NodeError `missing_connector`."""
        ...

    def perform(self, action: Callable[[Any], T]) -> T:
        """Have the house do something, in one transaction on its own thread: the action is called with the row
        of the execution. Keep it short. Raises what the action raises."""
        ...

    def log(self, level: str, message: str) -> None: ...

    def progress(self, *, rows_in: int | None = None, rows_out: int | None = None, part: float | None = None) -> None:
        """Note how many rows have passed so far, and how much of the work is done, from 0 to 1, as far as either
        is known. It costs next to nothing. Raises if the execution is to stop."""
        ...

    def check_cancelled(self) -> None:
        """Raise if the execution is to stop; call it between batches."""
        ...

    def write_batches(self, port: str, schema: Schema, batches: Any) -> int:
        """Store Arrow record batches (an iterable of `pyarrow.RecordBatch`) as the dataset of an output
        port; answers the number of rows."""
        ...

    def write_frame(self, port: str, frame: pl.LazyFrame) -> int:
        """Store a lazy frame as the dataset of an output port, streaming; answers the number of rows."""
        ...

    def forward(self, port: str, input_port: str = "input") -> int | None:
        """Let an output port carry an input's dataset on, without copying a row; answers its number of
        rows, or None if nothing arrives at the input. What comes in is what goes out: a write node
        hands its rows on like this."""
        ...

    def arrived(self, input_port: str = "input") -> Any:
        """The reference of the dataset that arrives at an input, for the house to hand on; None without one."""
        ...

    def take_over(self, port: str, dataset: Any) -> int:
        """Let an output port carry a dataset that the house has elsewhere; answers its number of rows."""
        ...

    def schema(self, port: str) -> Schema | None:
        """The columns that were inferred for an output port; None where only the data can tell."""
        ...

    @property
    def condition(self) -> tuple[str, Mapping[str, Any]] | None:
        """While it is scanned, what its one reader keeps (`LazyNodeType.keeps`), with the values of names in it:
        rows that do not meet it may be left out."""
        ...

    def arriving(
        self, schema: Schema, rows: Callable[[tuple[str, ...]], Iterator[pl.DataFrame]], *, complete: bool
    ) -> pl.LazyFrame:
        """A lazy frame, for `scan`, over rows that come once: `rows` is called with the columns that are wanted
        when the plan runs. `complete`: none is left out for the `condition`."""
        ...

    @property
    def columns_needed(self) -> tuple[str, ...] | None:
        """The columns of `output` that anything downstream uses, in no order; None: all of them.
        A read may leave the others out."""
        ...


@dataclass(frozen=True, slots=True)
class RunResult:
    """What an effect did. Datasets are written through the context; `rows_in`, `rows_out` are logical.
    `scalars` can be named as `{{ name }}` downstream; `branches` are the control ports taken."""

    rows_in: int | None = None
    rows_out: int | None = None
    scalars: Mapping[str, Any] = field(default_factory=dict)
    branches: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Parked:
    """What `run` answers in place of a result where it has to wait for long: the stage stays unfinished, no
    worker is held, and `run` is called again, with `state` as `parked_state`, once `until` is past or
    `apps.executions.services.wake` is called for the execution. It may be called sooner: look at what was
    waited for, and park again. `state` is JSON of at most 64 KB.
    """

    reason: Literal["wait", "approval", "children"]
    until: datetime | None = None
    state: Mapping[str, Any] = field(default_factory=dict)


class NodeType(abc.ABC):
    """One operation of one category. Class attributes declare it; the palette, the form and the
    documentation page derive from them."""

    category: ClassVar[str]
    operation: ClassVar[str]
    aliases: ClassVar[tuple[str, ...]] = ()
    version: ClassVar[int] = 1
    label: ClassVar[str]
    description: ClassVar[str]
    icon: ClassVar[str] = "box"
    Config: ClassVar[type[NodeConfig]]

    def inputs(self, config: NodeConfig) -> tuple[InputPort, ...]:
        return (INPUT,)

    def outputs(self, config: NodeConfig) -> tuple[OutputPort, ...]:
        return (OUTPUT,)

    def defines(self, config: NodeConfig) -> tuple[str, ...]:
        """Names of the scalars that it sets (`RunResult.scalars`), for `{{ name }}` downstream; the
        inference gives their types."""
        return ()

    def reads(self, config: NodeConfig) -> tuple[tuple[tuple[str, ...], str], ...]:
        """`(path of the field, name)` of each scalar that a field's own language names without braces."""
        return ()

    @abc.abstractmethod
    def infer(self, config: NodeConfig, inputs: Inputs, context: InferContext) -> Inference:
        """Output columns from input columns and config, without running. Where an input is dynamic,
        unknown names are not a problem. Never raises for what a user typed: that is a Problem."""


class LazyNodeType(NodeType):
    """A transform: lowers to lazy Polars and fuses with its neighbours."""

    changes_row_count: ClassVar[bool] = True
    """False where rows out always equal rows in: then the engine need not count them again."""

    row_wise: ClassVar[bool] = False
    """True where each row comes to what it comes to whatever the others are: then rows may pass in batches."""

    def reads_all(self, config: NodeConfig) -> bool:
        """Whether its outputs, when all their rows are wanted, take every row of its inputs. Only
        then can rows be counted on their way to it."""
        return False

    def multiplied(self, config: NodeConfig) -> tuple[str, ...]:
        """Input ports whose rows are combined each with each (a cross join): the engine counts them before
        the node runs, and refuses too large a product."""
        return ()

    def keeps(self, config: NodeConfig) -> str | None:
        """The condition, an expression over the input's columns, that each row that leaves has met. A source
        may leave out rows that do not."""
        return None

    @abc.abstractmethod
    def lower(self, config: NodeConfig, inputs: Frames, context: LowerContext) -> Mapping[str, pl.LazyFrame]:
        """The lazy frame of each output port. The plan has been inferred without errors; what only the
        data can tell (a strict cast, an overflow) raises when the frame is collected."""


class EffectNodeType(NodeType):
    """A node that acts: reads, writes, calls, decides."""

    has_external_effect: ClassVar[bool] = True
    """True where running it changes something outside UZO: such nodes never run in a preview."""

    any_input: ClassVar[bool] = False
    """True where one input that arrives is enough (`merge`); others wait for all, and are skipped
    when one of them is."""

    def scannable(self, config: NodeConfig, catalog: Catalog | None) -> bool:
        """Whether the plan may count on `scan` (a read of a file). Asked when a plan is compiled; only
        of nodes without inputs and without external effect."""
        return False

    def streams(self, config: NodeConfig, catalog: Catalog | None) -> bool:
        """Whether `scan` gives rows that come once, as they are asked for (`RunContext.arriving`). The node then
        joins the plan of the transform that reads it, if one alone does. Asked as `scannable` is."""
        return False

    def moves(self, config: NodeConfig, catalog: Catalog | None) -> str | None:
        """Between whom this node, a read or a write, can let rows pass without keeping them: two of the same
        answer may do it in one stage. Asked when a plan is compiled."""
        return None

    def scan(self, config: NodeConfig, context: RunContext) -> Mapping[str, pl.LazyFrame] | None:
        """A lazy frame of each output port where the source allows it: the node then joins the fused plan of
        its neighbours, so that filters and columns reach the source, and `run` is not called. None: it is
        run as an effect after all. Must not read rows."""
        return None

    @abc.abstractmethod
    def run(self, config: NodeConfig, inputs: Frames, context: RunContext) -> RunResult | Parked:
        """Do it, or park. Raises NodeError (or TransientNodeError) with a code and a remedy."""

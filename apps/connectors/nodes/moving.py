"""A chain from a read to a write in one go: as one statement of the source, or in batches that stream.

Pushed, the source does all of it in its own SQL, where that provably comes to the same. Piped, it is read,
transformed and written at the same time, and no more rows are kept than are on their way. Where a chain is
better gone step by step `move` answers None, or raises `Undecided`: that way every row is kept, and every
error finds its node.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import polars as pl
import pyarrow as pa
from polars.io.plugins import register_io_source

from apps.connectors.nodes import reading as reads
from apps.connectors.nodes import write as writes
from apps.connectors.nodes.filtering import checked_filter
from apps.connectors.nodes.read_config import ReadConfig, conditions_of, needs_filter
from apps.connectors.sdk import ReadRequest, SourceFailedError, Statement, WriteResult, guard
from apps.connectors.sdk.batches import to_batches, to_frame
from apps.connectors.sdk.errors import ConnectorError
from apps.kernel.errors import NodeError
from apps.nodes.columns import Schema
from apps.nodes.config import NodeConfig
from apps.nodes.types import LazyNodeType, RunContext
from apps.transforms.base import parameter_types
from apps.transforms.schemas import remember, schema_of
from apps.transforms.sql.expressions import SqlLowering
from apps.transforms.sql.relation import Relation
from apps.transforms.sql.steps import lowered
from apps.transforms.sql.text import NotInSql

WORTH: Final = 50_000
"""Rows that a source looks at, below which a chain goes step by step: it takes a moment, and every row
stays to be looked at."""
_AHEAD: Final = 2
KEPT: Final = 100_000
"""Rows of a result that are kept, so that they can be looked at: as many as one page shows."""
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
    """What came of it. `rows`: rows out of each node, as far as anyone knows."""

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


def move(chain: Chain) -> Moved | Pulled | None:
    """Let the source do all of it, or all but the write where few rows come of it, or stream. None where the
    chain is better gone step by step: it is short work, or it needs all rows at once. Raises PartFailedError,
    Undecided."""
    source, target = _connectors(chain)
    if not (source.capabilities.moves_rows and type(source) is type(target)):
        return None
    try:
        origin = _at(chain.read, source, lambda: source.origin(_all_rows(chain)))
    except NotInSql:
        return None
    if origin.rows is not None and origin.rows < WORTH:
        return None
    bare = Statement(source, origin, origin.relation())
    statement, reason = _said(chain, bare)
    asked = [bare] if statement is None else [bare, statement]
    expected = _at(chain.read, source, lambda: source.estimate(asked))
    if expected[0].scanned < WORTH:
        return None
    if statement is not None:
        try:
            few = expected[1].rows < KEPT
            return _pull(chain, source, statement) if few else _push(chain, target, statement)
        except NotInSql as unsaid:
            reason = str(unsaid)
    chain.write.context.log("debug", f"rows pass through UZO, SQL does not say the same: {reason}")
    return _pipe(chain, source, target)


def _said(chain: Chain, bare: Statement) -> tuple[Statement | None, str]:
    """The chain as one statement; None, and why, where SQL does not say the same."""
    try:
        return Statement(bare.source, bare.origin, statement_of(chain, bare.relation)), ""
    except NotInSql as reason:
        return None, str(reason)


def _all_rows(chain: Chain) -> ReadRequest:
    assert isinstance(chain.read.config, ReadConfig)
    return reads.request_of(chain.read.config, chain.read.context, limit=None, columns=None)


def _push(chain: Chain, target: Any, statement: Statement) -> Moved:
    result = _taken(chain, target, statement)
    _tell(chain, result, "from database to database")
    return Moved(result, {chain.write.context.node_id: result.rows}, pushed=True)


def _pull(chain: Chain, source: Any, statement: Statement) -> Pulled:
    """Bring the result of the source's SQL here, and keep it."""
    last = chain.parts[-2]
    try:
        stream = reads.guarded(lambda: source.pull(statement), last.context, source)
        with stream:
            watched = guard.stream(
                stream, idle_seconds=writes.WEEK_SECONDS, what=source.label, check=last.context.check_cancelled,
                cancel=source.cancel,
            )  # fmt: skip
            rows = last.context.write_batches("output", statement.relation.schema, watched)
    except ConnectorError as error:
        raise _blamed(chain.read, error) from error
    last.context.log("info", f"the source worked the chain down to {rows:,} rows by itself")
    return Pulled(last.context.node_id, rows)


def statement_of(chain: Chain, origin_relation: Relation) -> Relation:
    """The chain over the rows of the read's table. Raises NotInSql."""
    assert isinstance(chain.read.config, ReadConfig)
    relation = _read(chain.read.config, chain.read.context, origin_relation)
    for part in chain.steps:
        assert part.node_type is not None
        relation = lowered(part.node_type, part.config, relation, part.context)
    return relation


def _read(config: ReadConfig, context: RunContext, relation: Relation) -> Relation:
    """Filters, then limit, then columns."""
    if needs_filter(config):
        checked, problems = checked_filter(
            conditions_of(config), relation.schema, parameter_types(context), open_parameters=False
        )
        if problems or checked.tree is None:
            raise NotInSql("a filter with problems")
        condition = SqlLowering(relation.unchecked(), context.parameters).typed(checked.tree)
        relation = relation.select(relation.all(), where=condition)
    if config.limit is not None:
        relation = relation.select(relation.all(), clauses=f" LIMIT {config.limit:d}")
    if config.columns is not None:
        wanted = set(config.columns)
        if not wanted <= set(relation.schema.names):
            raise NotInSql("columns that are not there")
        relation = relation.select((each, sql) for each, sql in relation.all() if each.name in wanted)
    return relation


def _taken(chain: Chain, target: Any, statement: Statement) -> WriteResult:
    request = writes.request_of(chain.write.config, chain.write.context, statement.relation.schema)

    def stop() -> None:
        statement.source.cancel()
        target.cancel()

    try:
        result: WriteResult = guard.call(
            lambda: target.take(statement, request),
            seconds=writes.WEEK_SECONDS,
            what=target.label,
            check=chain.write.context.check_cancelled,
            cancel=stop,
        )
        return result
    except SourceFailedError as failed:
        raise _blamed(chain.read, failed.error) from failed
    except ConnectorError as error:
        raise _blamed(chain.write, error) from error


def _blamed(part: Part, error: ConnectorError) -> Exception:
    if error.code in _OWN_FAULTS:
        return PartFailedError(part.context.node_id, error)
    return Undecided(error.message)


def _at(part: Part, connector: Any, work: Callable[[], Any]) -> Any:
    try:
        return reads.guarded(work, part.context, connector)
    except ConnectorError as error:
        raise PartFailedError(part.context.node_id, error) from error


def _connectors(chain: Chain) -> tuple[Any, Any]:
    found = []
    for part in (chain.read, chain.write):
        try:
            if not part.config.connector_id:
                raise NodeError("The node names no connector", code="missing_connector", remedy="Choose a connector.")
            found.append(part.context.connector(part.config.connector_id))
        except NodeError as error:
            raise PartFailedError(part.context.node_id, error) from error
    return found[0], found[1]


def _tell(chain: Chain, result: WriteResult, how: str) -> None:
    assert isinstance(chain.write.config, writes.WriteConfig)
    writes.tell(chain.write.context, result, chain.write.config, how)


# In batches ---------------------------------------------------------------------------------------------------


def _pipe(chain: Chain, source: Any, target: Any) -> Moved | None:
    if not all(part.node_type is not None and part.node_type.row_wise for part in chain.steps):
        return None
    read, write = chain.read, chain.write
    config = read.config
    assert isinstance(config, ReadConfig)
    planned = read.context.schema("output")
    used = reads.used_columns(config, read.context)
    needed = None if planned is None else _needed(chain.steps, planned)
    if needed is not None:
        used = needed
    with _at(read, source, lambda: reads.Reading(config, read.context, source, used)) as arriving:
        flow = _Flow(chain, arriving.schema, planned if needed is not None else None)

        def look_up() -> None:
            """On the thread of the driver that pulls the batches, where an error of ours ends the load."""
            rows.check()

        batches = guard.stream(
            flow.batches(arriving),
            idle_seconds=writes.WEEK_SECONDS,
            check=look_up,
            ahead=_AHEAD,
        )
        rows = writes.Rows(batches)
        request = writes.request_of(write.config, write.context, flow.schema)
        try:
            result = writes.written(target, rows, request, write.context, writes.WEEK_SECONDS)
        except Exception as error:
            raise flow.failure or _failed_writing(write, error) from error
    _tell(chain, result, "in a stream")
    return Moved(result, flow.rows if not result.repeated else {})


def _failed_writing(write: Part, error: Exception) -> Exception:
    return _blamed(write, error) if isinstance(error, ConnectorError) else error


class _Flow:
    """Batches on their way through the transforms, with rows counted at each node. What goes wrong on this side
    of the writer is kept in `failure`: on its way through the driver an exception becomes mere text."""

    def __init__(self, chain: Chain, arriving: Schema, planned: Schema | None) -> None:
        self._chain = chain
        self._arriving = arriving
        self._planned = planned
        self.rows: dict[str, int] = dict.fromkeys((part.context.node_id for part in chain.parts), 0)
        self.failure: Exception | None = None
        try:
            self.schema = schema_of(_through(chain.steps, self._padded(arriving.empty()))[-1])
        except Exception as error:
            raise Undecided(str(error)) from error

    def batches(self, arriving: reads.Reading) -> Iterator[pa.RecordBatch]:
        source = iter(arriving)
        while True:
            try:
                batch = next(source, None)
            except ConnectorError as error:
                self.failure = _blamed(self._chain.read, error)
                raise
            if batch is None:
                return
            try:
                done = self._transformed(to_frame(batch, self._arriving))
            except Exception as error:
                self.failure = Undecided(str(error))
                raise
            if done.height:
                yield from to_batches(done, done.height)

    def _padded(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        """With the columns that nothing needs, which have not been read, as nulls."""
        if self._planned is None:
            return remember(frame, self._arriving)
        stored = {column.name: column for column in self._arriving}
        missing = [column for column in self._planned if column.name not in stored]
        padded = frame.with_columns(pl.lit(None, dtype=each.type.to_polars()).alias(each.name) for each in missing)
        columns = Schema(tuple(stored.get(each.name, each) for each in self._planned))
        return remember(padded.select(columns.names), columns)

    def _transformed(self, frame: pl.DataFrame) -> pl.DataFrame:
        frames = _through(self._chain.steps, self._padded(frame.lazy()))
        counted = [index for index, part in enumerate(self._chain.steps, 1) if _changes_rows(part)][:-1]
        done, *counts = pl.collect_all([frames[-1], *(frames[index].select(pl.len()) for index in counted)])
        known = dict(zip(counted, (int(count.item()) for count in counts), strict=True))
        rows = frame.height
        last = max((index for index, part in enumerate(self._chain.steps, 1) if _changes_rows(part)), default=0)
        for index, part in enumerate((self._chain.read, *self._chain.steps)):
            rows = done.height if last and index >= last else known.get(index, rows)
            self.rows[part.context.node_id] += rows
        self.rows[self._chain.write.context.node_id] += done.height
        return done


def _changes_rows(part: Part) -> bool:
    return part.node_type is not None and part.node_type.changes_row_count


def _through(steps: Sequence[Part], frame: pl.LazyFrame) -> list[pl.LazyFrame]:
    """The frame, and what each transform makes of it."""
    frames = [frame]
    for part in steps:
        assert part.node_type is not None
        frames.append(part.node_type.lower(part.config, {"input": [frames[-1]]}, part.context)["output"])
    return frames


def _needed(steps: Sequence[Part], planned: Schema) -> tuple[str, ...] | None:
    """Columns that the transforms or the write look at; None where that cannot be told, or all are. The
    optimiser says so, who is asked over a source that has no rows."""
    asked: set[str] = set()

    def source(with_columns: list[str] | None, predicate: pl.Expr | None, *_: object) -> Iterator[pl.DataFrame]:
        names = list(planned.names) if with_columns is None else with_columns
        asked.update(names)
        if predicate is not None:
            asked.update(predicate.meta.root_names())
        yield planned.empty().select(names).collect()

    frame = remember(register_io_source(source, schema=planned.to_polars()), planned)
    try:
        done = _through(steps, frame)
        for each in (done[-1], *(each.select(pl.len()) for each in done[1:])):
            each.collect(engine="in-memory")
    except (NodeError, pl.exceptions.PolarsError):
        return None  # step by step it will be said what is wrong
    needed = tuple(name for name in planned.names if name in asked)
    return needed if needed and len(needed) < len(planned) else None

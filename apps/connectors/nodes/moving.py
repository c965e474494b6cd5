"""A chain from a read to a write in one go: as one statement of the source, or in batches that stream.

Pushed, the source does all of it in its own SQL, where that provably comes to the same. Piped, it is read,
transformed and written at the same time, and no more rows are held than are on their way. Of what passes so the
first rows are kept: those that were written, never some that are like them. Where a chain is
better gone step by step `move` answers None, or raises `Undecided`: that way every row is kept, and every
error finds its node.
"""

from __future__ import annotations

from typing import Any, Final

from apps.connectors.nodes import reading as reads
from apps.connectors.nodes import write as writes
from apps.connectors.nodes.chains import (
    KEPT,
    KEPT_BYTES,
    Chain,
    Moved,
    PartFailedError,
    Pulled,
    at,
    blamed,
    is_row_wise,
    keep,
    tell,
)
from apps.connectors.nodes.filtering import checked_filter
from apps.connectors.nodes.read_config import ReadConfig, conditions_of, needs_filter
from apps.connectors.nodes.streaming import pipe, stream
from apps.connectors.sdk import (
    FirstRows,
    ReadRequest,
    SourceFailedError,
    Statement,
    UnrepeatableError,
    WriteResult,
    guard,
)
from apps.connectors.sdk.errors import ConnectorError
from apps.kernel.errors import NodeError
from apps.nodes.types import RunContext
from apps.transforms.base import parameter_types
from apps.transforms.sql.expressions import SqlLowering
from apps.transforms.sql.relation import Relation
from apps.transforms.sql.steps import lowered
from apps.transforms.sql.text import NotInSql

WORTH: Final = 50_000
"""Rows that a source looks at, below which a chain goes step by step: it takes a moment, and every row
stays to be looked at."""
WHOLE: Final = KEPT
"""A result that is expected to have fewer rows is brought here, and kept whole."""
_SHARE: Final = 100
_LEAST: Final = 1_000
"""The first rows of a statement are asked for by themselves, which is to be a hundredth of its work at most."""


def move(chain: Chain) -> Moved | Pulled | None:
    """Let the source do all of it, or all but the write where few rows come of it, or stream. None where the
    chain is better gone step by step: it is short work, or it needs all rows at once. Raises PartFailedError,
    Undecided."""
    source, target = _connectors(chain)
    if not (source.capabilities.moves_rows and type(source) is type(target)):
        return None
    try:
        origin = at(chain.read, source, lambda: source.origin(_all_rows(chain)))
    except NotInSql:
        return None
    if origin.rows is not None and origin.rows < WORTH:
        return None
    bare = Statement(source, origin, origin.relation())
    statement, reason = _said(chain, bare)
    asked = [bare] if statement is None else [bare, statement]
    expected = at(chain.read, source, lambda: source.estimate(asked))
    if expected[0].scanned < WORTH:
        return None
    if statement is not None:
        try:
            rows = expected[1].rows
            return _pull(chain, source, statement) if rows < WHOLE else _push(chain, target, statement, rows)
        except NotInSql as unsaid:
            reason = str(unsaid)
    chain.write.context.log("debug", f"rows pass through UZO, SQL does not say the same: {reason}")
    return pipe(chain, source, target)


def _said(chain: Chain, bare: Statement) -> tuple[Statement | None, str]:
    """The chain as one statement; None, and why, where SQL does not say the same."""
    try:
        return Statement(bare.source, bare.origin, statement_of(chain, bare.relation), _repeatable(chain, bare)), ""
    except NotInSql as reason:
        return None, str(reason)


def _repeatable(chain: Chain, bare: Statement) -> bool:
    """Row by row from an ordinary table: a query may call what answers otherwise each time, a limit without an
    order may cut elsewhere."""
    assert isinstance(chain.read.config, ReadConfig)
    return bare.origin.table is not None and chain.read.config.limit is None and all(map(is_row_wise, chain.steps))


def _all_rows(chain: Chain) -> ReadRequest:
    assert isinstance(chain.read.config, ReadConfig)
    return reads.request_of(chain.read.config, chain.read.context, limit=None, columns=None)


def _push(chain: Chain, target: Any, statement: Statement, expected: int) -> Moved:
    first = FirstRows(min(KEPT, max(_LEAST, expected // _SHARE)), KEPT_BYTES)
    try:
        result = _taken(chain, target, statement, first, expected)
    except UnrepeatableError:
        return stream(chain, target, statement, expected)
    tell(chain, result, "from database to database")
    keep(chain, first)
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
            rows = last.context.write_batches("output", statement.relation.schema, reads.told(watched, last.context))
    except ConnectorError as error:
        raise blamed(chain.read, error) from error
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


def _taken(chain: Chain, target: Any, statement: Statement, first: FirstRows, expected: int) -> WriteResult:
    request = writes.request_of(chain.write.config, chain.write.context, statement.relation.schema)

    def look_up() -> None:
        if first.passed is None:
            chain.write.context.check_cancelled()
        else:
            chain.write.context.progress(rows_in=first.passed, part=first.passed / max(expected, 1))

    def stop() -> None:
        statement.source.cancel()
        target.cancel()

    try:
        result: WriteResult = guard.call(
            lambda: target.take(statement, request, first),
            seconds=writes.WEEK_SECONDS,
            what=target.label,
            check=look_up,
            cancel=stop,
        )
        return result
    except SourceFailedError as failed:
        raise blamed(chain.read, failed.error) from failed
    except ConnectorError as error:
        raise blamed(chain.write, error) from error


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

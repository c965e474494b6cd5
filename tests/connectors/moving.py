"""Two databases and chains between them, for tests of moving rows: run by the engine itself, no Django."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import uuid4

from apps.connectors.nodes import moving
from apps.connectors.sdk import ReadRequest
from apps.connectors.sdk.errors import ConnectorError
from apps.executions.core.engine import Execution
from apps.executions.core.store import RunStore
from apps.executions.core.testing import FakeHost
from apps.kernel.errors import NodeError
from apps.nodes.columns import Schema
from apps.workflows.core.analysis import analyse
from apps.workflows.core.plan import Plan, compile_plan
from tests.connectors.conftest import Database
from tests.e2e.client import diagram, edge, node

HERE, THERE = "here", "there"
SHIPS = """
    CREATE TABLE ships (id bigint PRIMARY KEY, kind int2, crew int4, name text, port varchar(20), length float8,
        fee numeric(10,2), built date, seen timestamptz, logged timestamp, afloat boolean, log jsonb, mark uuid);
    INSERT INTO ships SELECT g, g % 7, g % 300, 'ship ' || g, (ARRAY['Oslo','Kiel',NULL])[1 + g % 3], g * 1.5,
        g * 1.25, date '2020-01-01' + g % 900, timestamptz '2024-03-31 00:30+01' + g * interval '13 minutes',
        timestamp '2024-03-31' + g * interval '13 minutes', g % 2 = 0, jsonb_build_object('g', g),
        md5(g::text)::uuid FROM generate_series(1, 500) g;
"""
"""A table to move: as many types as a port needs."""


class Harbour:
    """Connectors by id, opened anew for each use: `here` and `there` are two databases."""

    def __init__(self, open_by_id: Mapping[str, Any], folder: Path) -> None:
        self.folder = folder
        self.open_by_id = dict(open_by_id)
        self.refused: set[str] = set()
        """Those that the author may use no more by the time of the run."""

    def columns(self, connector_id: str, config: Mapping[str, Any]) -> Schema:
        source = self.open_by_id[connector_id]()
        if config.get("table"):
            found: Schema = source.discover(config["table"])[0].schema
            return found
        described: Schema = source.query_schema(
            ReadRequest(query=config["query"], parameters=config.get("queryParameters") or {})
        ).schema
        return described

    def target_columns(self, connector_id: str, table: str) -> Schema | None:
        try:
            return self.columns(connector_id, {"table": table})
        except ConnectorError:
            return None

    def connector_type(self, connector_id: str) -> str | None:
        return str(self.open_by_id[connector_id]().type)


class Run:
    """One run of a chain of nodes: `node(id)` is how a node fared, `said` what it logged."""

    def __init__(self, harbour: Harbour, *nodes: dict[str, Any], id: str | None = None, **values: Any) -> None:
        drawn = diagram(list(nodes), [edge(one["id"], other["id"]) for one, other in pairwise(nodes)])
        analysis = analyse(drawn, catalog=harbour, connectors=set(harbour.open_by_id), values=values)
        assert analysis.executable, analysis.problems
        self.plan = Plan.from_json(compile_plan(analysis).as_json())
        self.host = _Host(harbour, id or uuid4().hex, analysis.parameters.values)
        self.store = RunStore(harbour.folder, f"sea/{uuid4().hex}")
        self.execution = Execution(self.plan, host=self.host, store=self.store)
        self.outcome = self.execution.run_all()

    def node(self, node_id: str) -> Any:
        return self.execution.states[node_id]

    @property
    def error(self) -> tuple[str, str] | None:
        """The node that failed, and its code."""
        for state in self.execution.states.values():
            if state.error is not None:
                return state.node_id, state.error.code
        return None

    @property
    def said(self) -> str:
        return "\n".join(message for _, _, message in self.host.logs)

    @property
    def how(self) -> str:
        """Which way the rows took."""
        if "from database to database" in self.said:
            return "pushed"
        if "by itself" in self.said:
            return "pulled"
        if "worked out by the source" in self.said:
            return "streamed"
        return "piped" if "in a stream" in self.said else "step by step"


class _Host(FakeHost):
    def __init__(self, harbour: Harbour, id: str, parameters: Mapping[str, Any]) -> None:
        super().__init__(parameters=parameters)
        self._harbour = harbour
        self._id = id

    @property
    def execution_id(self) -> str:
        return self._id

    def connector(self, connector_id: str) -> Any:
        if connector_id in self._harbour.refused:
            raise NodeError("There is no such connector", code="missing_connector")
        return self._harbour.open_by_id[connector_id]()


@contextmanager
def taking(way: str) -> Iterator[None]:
    """Every chain takes that way, whether it pays or not: pushed, pulled, piped or step by step."""
    worth, whole, said = moving.WORTH, moving.WHOLE, moving.statement_of

    def unsaid(*_: object) -> Any:
        raise moving.NotInSql("anything, in this test")

    try:
        moving.WORTH = 10**15 if way == "step by step" else 0  # type: ignore[misc]
        moving.WHOLE = 10**15 if way == "pulled" else 0  # type: ignore[misc]
        if way == "piped":
            moving.statement_of = unsaid
        yield
    finally:
        moving.WORTH, moving.WHOLE, moving.statement_of = worth, whole, said  # type: ignore[misc]


def read(table: str = "ships", **config: Any) -> dict[str, Any]:
    return node("read", "connector", "read", connector=HERE, **({"table": table} | config))


def write(table: str = "fleet", **config: Any) -> dict[str, Any]:
    return node("write", "connector", "write", connector=THERE, **({"table": table, "mode": "replace"} | config))


def transform(operation: str, **config: Any) -> dict[str, Any]:
    return node(operation, "transform", operation, **config)


def rows(database: Database, query: str) -> list[Any]:
    with database.connect() as connection:
        return connection.execute(query).fetchall()

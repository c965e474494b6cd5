"""Which chains become one stage: from a read to a write between which nobody looks on."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import pytest

from apps.connectors.nodes import read as _read  # noqa: F401 - registers the node type
from apps.connectors.nodes import write as _write  # noqa: F401
from apps.nodes.columns import FLOAT64, INT64, STRING, Column, Schema
from apps.workflows.core.analysis import analyse
from apps.workflows.core.outline import outline
from apps.workflows.core.plan import Plan, compile_plan
from tests.e2e.client import diagram, edge, node

SHIPS = Schema.of([Column("id", INT64), Column("name", STRING), Column("tons", FLOAT64)])


class Catalog:
    def columns(self, connector_id: str, config: Mapping[str, Any]) -> Schema:
        return SHIPS

    def target_columns(self, connector_id: str, table: str) -> None:
        return None

    def connector_type(self, connector_id: str) -> str:
        return {"lake": "sqlite"}.get(connector_id, "postgresql")


def read(id: str = "read", connector: str = "harbour", **config: Any) -> dict[str, Any]:
    return node(id, "connector", "read", connector=connector, table="ships", **config)


def write(id: str = "write", connector: str = "sea", **config: Any) -> dict[str, Any]:
    return node(id, "connector", "write", connector=connector, table="fleet", **config)


def transform(operation: str, id: str | None = None, **config: Any) -> dict[str, Any]:
    return node(id or operation, "transform", operation, **config)


HEAVY = transform("filter", expression="tons > 10")


def plan(nodes: list[dict[str, Any]], edges: list[tuple[str, ...]], **how: Any) -> Plan:
    drawn = diagram(nodes, [edge(*each) for each in edges])
    analysis = analyse(drawn, catalog=Catalog(), connectors={"harbour", "sea", "lake"}, values={})
    assert analysis.executable, analysis.problems
    return Plan.from_json(compile_plan(analysis, **how).as_json())


def pushed(*nodes: dict[str, Any]) -> list[tuple[str, ...]]:
    """The chains of a line of nodes."""
    names = [each["id"] for each in nodes]
    made = plan(list(nodes), list(pairwise(names)))
    return [stage.nodes for stage in made.stages if stage.kind == "pushed"]


def test_a_line_from_a_read_to_a_write_is_one_stage_that_stores_nothing() -> None:
    made = plan([read(), HEAVY, write()], [("read", "filter"), ("filter", "write")])
    assert made.describe() == "s1 pushed: read > filter > write"


@pytest.mark.parametrize(
    ("step", "goes"),
    [
        (transform("derive", id="step", expressions={"x": "tons * 2"}), True),
        (transform("derive", id="step", expressions={"x": "upper(name)"}), True),  # row by row: it streams
        (transform("aggregate", id="step", groupBy=["name"], aggregations={"id": "max"}), True),
        (transform("aggregate", id="step", groupBy=["name"], aggregations={"tons": "sum"}), False),  # order of adding
        (transform("sort", id="step", by=["name"]), True),
        (transform("window", id="step", function="row_number", orderBy=["id"], outputColumn="n"), False),
        (transform("filter", id="step", expression="id > 1", keepOutput=True), False),
        (transform("filter", id="step", expression="id > 1", timeout=5), False),
        (transform("filter", id="step", expression="id > 1", continueOnError=True), False),
    ],
)
def test_a_step_takes_part_where_rows_may_pass_it_unseen(step: dict[str, Any], goes: bool) -> None:
    assert pushed(read(), step, write()) == ([("read", "step", "write")] if goes else [])


def test_databases_of_two_kinds_do_not_pass_rows_to_each_other() -> None:
    assert pushed(read(connector="lake"), HEAVY, write()) == []


def test_rows_that_someone_else_reads_are_not_passed_on_unseen() -> None:
    both = plan(
        [read(), HEAVY, write(), write("copy")], [("read", "filter"), ("filter", "write"), ("filter", "copy")]
    )  # fmt: skip
    behind = plan([read(), write(), HEAVY], [("read", "write"), ("write", "filter")])
    failing = plan([read(), write(), write("lost")], [("read", "write"), ("read", "lost", "error")])
    for made in (both, behind, failing):
        assert all(stage.kind != "pushed" for stage in made.stages)


def test_t40_a_preview_has_no_chain_that_writes() -> None:
    made = plan([read(), HEAVY, write()], [("read", "filter"), ("filter", "write")], targets=["write"])
    assert all(stage.kind != "pushed" for stage in made.stages)


def test_two_chains_are_two_stages_side_by_side() -> None:
    made = plan([read(), write(), read("other"), write("there")], [("read", "write"), ("other", "there")])
    assert [(stage.kind, stage.after) for stage in made.stages] == [("pushed", ()), ("pushed", ())]


def outlined(*nodes: dict[str, Any]) -> list[dict[str, Any]] | None:
    drawn = diagram(list(nodes), [edge(a["id"], b["id"]) for a, b in pairwise(nodes)])
    return outline(analyse(drawn, catalog=Catalog(), connectors={"harbour", "sea", "lake"}))


def test_clients_see_what_a_source_will_do_by_itself() -> None:
    assert outlined(read(), HEAVY, write()) == [
        {"id": "s1", "kind": "pushed", "nodes": ["read", "filter", "write"], "after": [], "in_sql": True}
    ]


def test_clients_see_that_rows_will_stream_where_sql_says_something_else() -> None:
    upper = transform("derive", expressions={"name": "upper(name)"})
    found = outlined(read(), upper, write())
    assert found is not None
    assert [(stage["kind"], stage["in_sql"]) for stage in found] == [("pushed", False)]


def test_clients_see_stages_where_nothing_is_pushed() -> None:
    found = outlined(read(), HEAVY, write(connector="lake"))
    assert found is not None
    assert [node_id for stage in found for node_id in stage["nodes"]] == ["read", "filter", "write"]
    assert (found[-1]["kind"], found[-1]["after"]) == ("effect", [found[-2]["id"]])
    assert not any(stage["in_sql"] or stage["kind"] == "pushed" for stage in found)


def test_a_diagram_with_errors_has_no_plan() -> None:
    assert outlined(read(), transform("filter", expression="no_such_column > 1"), write()) is None

"""A read leaves out what nobody needs, and nobody notices."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import apps.transforms.nodes
from apps.executions.core.engine import Execution
from apps.executions.core.store import RunStore
from apps.nodes.registry import load
from tests.unit.harbour import diagram, execute, node, rows

load(apps.transforms.nodes)


def transform(node_id: str, operation: str, **config: Any) -> dict[str, Any]:
    return node(node_id, operation, category="transform", **config)


def stored(execution: Execution, node_id: str) -> list[str]:
    """Columns that were stored of a node."""
    [names] = [
        list(dataset.schema.names)
        for result in execution.results.values()
        for port, dataset in result.datasets.items()
        if port == (node_id, "output")
    ]
    return names


def run(folder: Path, *nodes: dict[str, Any], edges: tuple[str, ...]) -> tuple[Execution, RunStore]:
    execution, _, store = execute(diagram([node("fleet", "fleet"), *nodes], *edges), folder)
    assert execution.outcome is not None
    assert execution.outcome.status == "success", execution.outcome
    return execution, store


@pytest.mark.parametrize(
    ("nodes", "read"),
    [
        ([transform("a", "filter", expression="crew > 1"), transform("b", "select", columns=["n"])], ["n", "crew"]),
        ([transform("a", "select", columns=["flag", "n"]), transform("b", "drop", columns=["flag"])], ["n"]),
        ([transform("a", "filter", expression="port = 'Kiel'")], ["n", "port", "crew", "flag"]),
        (
            [transform("a", "aggregate", groupBy=["port"], aggregations={"all": {"function": "count"}})],
            ["port"],
        ),
        (
            [transform("a", "deduplicate"), transform("b", "select", columns=["n"])],
            ["n", "port", "crew", "flag"],
        ),
    ],
)
def test_only_what_the_transforms_use_is_read(tmp_path: Path, nodes: list[dict[str, Any]], read: list[str]) -> None:
    names = ["fleet", *(each["id"] for each in nodes)]
    execution, _ = run(tmp_path, *nodes, edges=tuple(f"{one} -> {other}" for one, other in pairwise(names)))
    assert stored(execution, "fleet") == read


def test_two_readers_get_what_either_needs(tmp_path: Path) -> None:
    execution, _ = run(
        tmp_path,
        transform("a", "select", columns=["crew"]),
        transform("b", "select", columns=["flag"]),
        edges=("fleet -> a", "fleet -> b"),
    )
    read = set(stored(execution, "fleet"))
    assert {"crew", "flag"} <= read
    assert "port" not in read


def test_a_column_that_only_a_count_would_take_is_not_read(tmp_path: Path) -> None:
    execution, _ = run(
        tmp_path,
        node("ida", "ship", cargo=[7, 9]),
        transform("pair", "join", joinType="left", leftOn=["crew"], rightOn=["n"]),
        transform("sum", "aggregate", groupBy=["port"], aggregations={"all": {"function": "count"}}),
        edges=("fleet -> pair.left", "ida -> pair.right", "pair -> sum"),
    )
    assert stored(execution, "fleet") == ["port", "crew"]
    assert execution.states["pair"].rows_out == 3


def test_a_column_that_a_count_alone_needs_is_read(tmp_path: Path) -> None:
    execution, _ = run(
        tmp_path,
        transform("few", "filter", expression="crew > 1"),
        transform("none", "filter", expression="1 = 2"),
        transform("sum", "select", columns=["flag"]),
        edges=("fleet -> few", "few -> none", "none -> sum"),
    )
    assert execution.states["few"].rows_out == 2


def test_an_effect_that_reads_the_rows_gets_them_whole(tmp_path: Path) -> None:
    execution, _ = run(
        tmp_path, node("q", "quay"), transform("a", "select", columns=["n"]), edges=("fleet -> q", "fleet -> a")
    )
    assert stored(execution, "fleet") == ["n", "port", "crew", "flag"]


def test_a_join_to_rows_that_are_not_there_yet_still_gets_its_columns(tmp_path: Path) -> None:
    execution, _ = run(
        tmp_path,
        node("ida", "ship", cargo=[1]),
        transform("x", "join", joinType="cross"),
        transform("s", "select", columns=["n", "flag"]),
        edges=("fleet -> x.left", "ida -> x.right", "x -> s"),
    )
    assert set(stored(execution, "fleet")) == {"n", "flag"}


def test_a_join_to_a_file_that_is_scanned_beside_it_still_gets_its_columns(tmp_path: Path) -> None:
    pl.DataFrame({"n": [1, 3]}).write_ipc(tmp_path / "cargo.arrow")
    execution, store = run(
        tmp_path,
        node("cargo", "file", path=str(tmp_path / "cargo.arrow")),
        transform("x", "join", joinType="inner", leftOn=["n"], rightOn=["n"]),
        transform("s", "select", columns=["n", "flag"]),
        edges=("fleet -> x.left", "cargo -> x.right", "x -> s"),
    )
    assert set(stored(execution, "fleet")) == {"n", "flag"}
    assert sorted(rows(execution, store, "s")) == [1, 3]


def test_where_only_the_data_tells_the_columns_all_are_read(tmp_path: Path) -> None:
    execution, _ = run(
        tmp_path,
        transform("p", "pivot", index=["n"], columns="port", values="crew", aggregate="sum"),
        edges=("fleet -> p",),
    )
    assert stored(execution, "fleet") == ["n", "port", "crew", "flag"]


def test_rows_that_are_kept_are_kept_whole(tmp_path: Path) -> None:
    drawn = diagram([node("fleet", "fleet", keepOutput=True), transform("a", "select", columns=["n"])], "fleet -> a")
    execution, _, _ = execute(drawn, tmp_path)
    assert stored(execution, "fleet") == ["n", "port", "crew", "flag"]

"""Failures inside a fused stage, with real transforms: the right node, a code, and what to do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import apps.transforms.nodes
from apps.executions.core.engine import Execution
from apps.nodes.registry import load
from tests.unit.harbour import diagram, execute, node, rows

load(apps.transforms.nodes)


def transform(node_id: str, operation: str, **config: Any) -> dict[str, Any]:
    return node(node_id, operation, category="transform", **config)


def statuses(execution: Execution) -> dict[str, str]:
    return {node_id: str(state.status) for node_id, state in execution.states.items()}


@pytest.mark.parametrize(
    ("broken", "code", "said"),
    [
        (
            transform("broken", "check", rules=[{"name": "few", "expression": "n < 3"}]),
            "check_failed",
            "few (2 rows)",
        ),
        (transform("broken", "cast", types={"n": "int8"}), "cast_failed", "400"),
        (
            transform("broken", "derive", expressions={"n": "n * 9223372036854775807"}),
            "overflow",
            "beyond",
        ),
    ],
    ids=["check", "cast", "overflow"],
)
def test_a_failure_names_its_node_and_says_what_to_do(
    tmp_path: Path, broken: dict[str, Any], code: str, said: str
) -> None:
    drawn = diagram(
        [
            node("ida", "ship", cargo=[1, 2, 300, 400]),
            transform("before", "filter", expression="n > 0"),
            broken,
            transform("after", "sort", by=["n"]),
        ],
        "ida -> before",
        "before -> broken",
        "broken -> after",
    )
    execution, _, _ = execute(drawn, tmp_path)
    assert statuses(execution) == {"ida": "success", "before": "success", "broken": "failed", "after": "skipped"}
    error = execution.states["broken"].error
    assert error is not None
    assert (error.code, bool(error.remedy)) == (code, True)
    assert said in error.message


def test_rules_that_only_warn_are_counted_and_told(tmp_path: Path) -> None:
    rules = [
        {"name": "few", "expression": "n < 3", "severity": "warning"},
        {"name": "some", "expression": "n > 0", "severity": "warning"},
    ]
    drawn = diagram([node("ida", "ship", cargo=[1, 2, 3]), transform("c", "check", rules=rules)], "ida -> c")
    execution, host, store = execute(drawn, tmp_path)
    assert execution.outcome is not None
    assert (execution.outcome.status, execution.outcome.warnings) == ("success", 1)
    assert host.logs == [("c", "warning", "1 row breaks 'few'")]
    assert rows(execution, store, "c") == [1, 2, 3]


def test_quarantined_rows_and_good_rows_are_all_the_rows(tmp_path: Path) -> None:
    drawn = diagram(
        [
            node("ida", "ship", cargo=[1, 2, 3, None]),
            transform("c", "check", rules=[{"name": "few", "expression": "n < 3"}], onFail="quarantine"),
        ],
        "ida -> c",
    )
    execution, _, store = execute(drawn, tmp_path)
    state = execution.states["c"]
    assert (state.rows_in, state.rows_out) == (4, 2)
    assert rows(execution, store, "c", "quarantine") == [3, None]

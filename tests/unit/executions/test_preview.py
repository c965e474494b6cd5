"""Preview: mock rows, samples, and never an effect outside UZO."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from apps.executions.core.engine import Execution
from apps.executions.core.preview import mock_frame, plan_preview, preview_port
from apps.executions.core.store import RunStore
from apps.executions.core.testing import FakeHost
from apps.kernel.errors import Invalid
from apps.nodes.columns import Column, DataType, Schema
from apps.workflows.core.analysis import analyse
from tests.unit.harbour import diagram, node, rows

DRAWN = diagram(
    [
        node("ida", "ship", cargo=list(range(1, 2001))),
        node("q", "quay"),
        node("a", "above", above=5),
        node("x", "wreck"),
    ],
    "ida -> q",
    "q -> a",
    "a -> x",
)


def preview(folder: Path, node_id: str, **options: Any) -> tuple[list[Any], FakeHost]:
    store = RunStore(folder).of_execution("harbour", "preview-1")
    sample = options.pop("sample", None)
    plan, given = plan_preview(analyse(DRAWN), node_id, store=store, **options)
    host = FakeHost(connectors={"quay": []})
    execution = Execution(plan, host=host, store=store, given=given, sample=sample)
    assert execution.run_all().status == "success", execution.outcome
    return rows(execution, store, *preview_port(plan, node_id)), host


def test_t40_a_preview_reads_a_sample_and_unloads_nothing(tmp_path: Path) -> None:
    shown, host = preview(tmp_path, "a", sample=10)
    assert shown == [6, 7, 8, 9, 10]
    assert host.connector("quay") == []


def test_a_preview_of_an_effect_shows_what_would_go_in(tmp_path: Path) -> None:
    shown, host = preview(tmp_path, "q", sample=2)
    assert shown == [1, 2]
    assert host.connector("quay") == []


def test_mock_rows_stand_for_the_input(tmp_path: Path) -> None:
    shown, host = preview(tmp_path, "a", mock_inputs={"input": [{"n": 4}, {"n": 60}, {}]})
    assert shown == [60]
    assert {state.node_id for state in host.told} == {"a"}


def test_cached_samples_spare_the_upstream(tmp_path: Path) -> None:
    store = RunStore(tmp_path).of_execution("harbour", "preview-1")
    frame, schema = mock_frame([{"n": 70}], None)
    sample = store.write_frame(frame.lazy(), schema)
    shown, host = preview(tmp_path, "a", cached={("q", "output"): sample})
    assert shown == [70]
    assert {state.node_id for state in host.told} == {"a"}


@pytest.mark.parametrize(
    ("mocks", "field"),
    [
        ({"input": [{"n": "many"}]}, "mock_inputs.input.0.n"),
        ({"input": [{"n": 1, "m": 2}]}, "mock_inputs.input.0.m"),
        ({"input": [3]}, "mock_inputs.input.0"),
        ({"left": []}, "mock_inputs.left"),
    ],
)
def test_mock_rows_that_do_not_fit_are_refused_with_their_field(tmp_path: Path, mocks: Any, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        preview(tmp_path, "a", mock_inputs=mocks)
    assert [error.field for error in refused.value.errors] == [field]


def test_mock_rows_take_the_types_of_the_columns_or_of_their_values() -> None:
    schema = Schema((Column("at", DataType.parse("datetime(UTC)")), Column("x", DataType.parse("float64"))))
    frame, _ = mock_frame([{"at": "2026-11-21T08:00:00Z", "x": "NaN"}, {"x": 1}], schema)
    assert Schema.from_polars(frame.schema) == schema
    _, guessed = mock_frame([{"a": 1, "b": None}, {"a": 2.5, "c": {"k": 1}}], None)
    assert [(column.name, str(column.type)) for column in guessed] == [("a", "float64"), ("b", "null"), ("c", "json")]

"""What the pages' builder of conditions writes is what the language reads: every operator on every type."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from apps.nodes.columns import BOOLEAN, Column, DataType, Schema
from apps.transforms.expressions.checking import check
from apps.transforms.expressions.evaluation import to_polars

WRITTEN = json.loads(
    (Path(__file__).parents[3] / "apps/studio/frontend/src/graph/expressions/conditions.checkable.json").read_text()
)
COLUMNS = Schema.of(Column(each["name"], DataType.parse(each["type"])) for each in WRITTEN["columns"])
ROWS = {
    "string": ["US", "O'Hare", 'a "b"', "back\\slash", "x", None],
    "json": ["[1]", "{}", "null", '{"a": 1}', "[]", None],
    "int64": [18, -5, 0, 17, 2**62, None],
    "uint8": [7, 255, 8, 0, 1, None],
    "float64": [2.5, 1e5, 0.5, float("nan"), float("inf"), None],
    "decimal(10,2)": [Decimal("2.50"), Decimal(-1), Decimal("0.12"), Decimal(0), Decimal(9), None],
    "boolean": [True, False, True, False, True, None],
    "date": [date(2024, 3, 1), date(2024, 2, 29), date(1999, 12, 31), date(2030, 1, 1), date(1970, 1, 1), None],
    "datetime": [*map(datetime.fromisoformat, ("2024-03-01T08:30", "2024-03-01", "2024-03-01T08:30:15")), *[None] * 3],
    "datetime(UTC)": [datetime(2024, 3, 1, 8, 30, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC), *[None] * 4],
    "time": [time(8, 30), time(23, 59, 59), time(0), time(12), time(1), None],
    "duration": [timedelta(1), *[None] * 5],
    "list(int64)": [[1], [], *[None] * 4],
}


@pytest.mark.parametrize("pair", WRITTEN["expressions"], ids=lambda pair: pair["sql"][:60])
def test_both_spellings_of_built_conditions_are_read_and_mean_the_same(pair: dict[str, str]) -> None:
    frame = pl.DataFrame({each.name: ROWS[str(each.type)] for each in COLUMNS}, schema=COLUMNS.to_polars()).lazy()
    answers = []
    for text in pair.values():
        checked = check(text, COLUMNS)
        assert checked.problems == ()
        assert checked.type == BOOLEAN
        assert checked.tree is not None
        answers.append(frame.select(answer=to_polars(checked.tree, {})).collect().to_dicts())
    assert answers[0] == answers[1]


def test_what_is_tested_is_about_rows_that_pass_and_rows_that_do_not() -> None:
    frame = pl.DataFrame({each.name: ROWS[str(each.type)] for each in COLUMNS}, schema=COLUMNS.to_polars())
    passed = []
    for pair in WRITTEN["expressions"]:
        tree = check(pair["sql"], COLUMNS).tree
        assert tree is not None
        passed.append(frame.lazy().filter(to_polars(tree, {})).collect().height)
    assert {0, 1, 2, 3, 5, 6} & set(passed) >= {1, 2, 3, 5}

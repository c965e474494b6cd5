"""Beside the graph: conditions built of rows, a join's matches, figures, changes, mock inputs, queries."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.client import Uzo, edge
from tests.e2e.client import node as drawn
from tests.e2e.studio.drawing import ENOUGH, SOON, diagram_of, node, opened, saved

WRITTEN = Path(__file__).parents[3] / "apps/studio/frontend/src/graph/expressions/conditions.checkable.json"


@pytest.fixture
def inspector(page: Page) -> Locator:
    return page.get_by_role("complementary", name="Inspector")


@pytest.fixture
def data(page: Page) -> Locator:
    return page.get_by_role("region", name="Data")


@pytest.fixture
def flights(sample: dict[str, Any]) -> dict[str, Any]:
    """The node that reads the flights."""
    found: dict[str, Any] = next(each for each in sample["workflow_diagram"]["nodes"] if each["id"] == "flights")
    return found


def config_of(owner: Uzo, workflow: dict[str, Any], node_id: str) -> dict[str, Any]:
    found = next(each for each in diagram_of(owner, workflow)["nodes"] if each["id"] == node_id)
    config: dict[str, Any] = found["data"]["config"]
    return config


def choose(page: Page, box: Locator, option: str) -> None:
    box.click()
    page.get_by_role("option", name=option, exact=True).click()


def test_whoever_writes_no_expressions_builds_one_of_rows_and_sees_what_it_drops(
    page: Page, owner: Uzo, make: Any, flights: dict[str, Any], inspector: Locator, data: Locator
) -> None:
    late = drawn("late", "transform", "filter", expression="upper(carrier) = 'UA'")
    workflow = make("Built of rows", {"nodes": [flights, late], "edges": [edge("flights", "late")]})
    opened(page, workflow)
    node(page, "late").click()
    inspector.get_by_text("Build", exact=True).click()
    # What rows cannot show is said, and kept.
    expect(inspector.get_by_text("This condition says more than rows can show.")).to_be_visible()
    assert config_of(owner, workflow, "late")["expression"] == "upper(carrier) = 'UA'"
    inspector.get_by_role("button", name="Start over").click()
    inspector.get_by_role("button", name="Add a condition").click()
    inspector.get_by_role("combobox", name="Column", exact=True).fill("carrier")
    choose(page, inspector.get_by_role("combobox", name="Operator"), "is one of")
    values = inspector.get_by_role("textbox", name="Values").or_(inspector.get_by_role("combobox", name="Values"))
    values.click()
    # Values that the sample has seen are offered, with how often.
    page.get_by_role("option", name="UA").click(timeout=ENOUGH)
    values.fill("B6")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    inspector.get_by_role("button", name="Add a condition").click()
    inspector.get_by_role("combobox", name="Column", exact=True).nth(1).fill("dep_delay")
    choose(page, inspector.get_by_role("combobox", name="Operator").nth(1), "is greater than")
    inspector.get_by_role("combobox", name="Value", exact=True).fill("20")
    saved(page)
    assert config_of(owner, workflow, "late")["expression"] == "carrier IN ('UA', 'B6') AND dep_delay > 20"
    # The other way: what is written is read into rows.
    inspector.get_by_text("Write", exact=True).click()
    written = inspector.get_by_role("textbox", name="Condition")
    expect(written).to_have_text("carrier IN ('UA', 'B6') AND dep_delay > 20")
    data.get_by_text("Changes", exact=True).click()
    expect(data.get_by_text("dropped in the sample")).to_be_visible(timeout=ENOUGH)
    expect(data.locator("[role=row][title='Dropped by this node']").first).to_be_visible(timeout=SOON)
    data.get_by_text("After", exact=True).click()


def test_what_was_written_in_polars_is_read_into_rows_and_stays_in_polars(
    page: Page, owner: Uzo, make: Any, flights: dict[str, Any], inspector: Locator
) -> None:
    expression = 'col("dep_delay").is_between(0, 60) | col("carrier").is_null()'
    late = drawn("late", "transform", "filter", expression=expression)
    workflow = make("Written in Polars", {"nodes": [flights, late], "edges": [edge("flights", "late")]})
    opened(page, workflow)
    node(page, "late").click()
    inspector.get_by_text("Build", exact=True).click()
    expect(inspector.get_by_label("From", exact=True)).to_have_value("0")
    inspector.get_by_label("To", exact=True).fill("90")
    saved(page)
    assert config_of(owner, workflow, "late")["expression"] == expression.replace("60", "90")


def test_everything_that_the_builder_can_write_validates(owner: Uzo, flights: dict[str, Any]) -> None:
    known = json.loads(WRITTEN.read_text())
    texts = [text for pair in known["expressions"] for text in pair.values()]
    types = {each["name"]: each["type"] for each in known["columns"]}
    named = {name: f"CAST(NULL AS {kind})" for name, kind in types.items()}
    nodes = [
        flights,
        drawn("typed", "transform", "derive", expressions=named),
        *[drawn(f"f{index}", "transform", "filter", expression=text) for index, text in enumerate(texts)],
    ]
    edges = [edge("flights", "typed"), *[edge("typed", f"f{index}") for index in range(len(texts))]]
    answer = owner.post("workflows/validate", {"workflow_diagram": {"nodes": nodes, "edges": edges}}, expect=200)
    assert [each for each in answer["problems"] if each["severity"] == "error"] == []
    # And it is looked at: a name that is not there is found among them.
    nodes[2]["data"]["config"]["expression"] = "nowhere = 1"
    answer = owner.post("workflows/validate", {"workflow_diagram": {"nodes": nodes, "edges": edges}}, expect=200)
    assert "unknown_column" in {each["code"] for each in answer["problems"] if each["node_id"] == "f0"}


def test_a_join_shows_how_its_sides_fit_and_columns_show_what_they_hold(
    page: Page, workflow: str, inspector: Locator
) -> None:
    page.goto(f"{workflow}?node=with_planes")
    fit = inspector.get_by_role("region", name="How the sides fit")
    expect(fit).to_contain_text("in the sample", timeout=SOON)
    expect(fit.get_by_text("matched").first).to_be_visible(timeout=ENOUGH)
    left, right = fit.get_by_text("matched").all_inner_texts()
    assert int(left.split()[0].replace(",", "")) > 0
    assert int(right.split()[0].replace(",", "")) > 0
    expect(fit).to_contain_text("only left")
    expect(fit).to_contain_text("Result")
    inspector.get_by_role("tab", name="Columns").click()
    expect(inspector.get_by_text("in the sample")).to_be_visible(timeout=ENOUGH)
    delays = inspector.get_by_role("listitem").filter(has_text="arr_delay").first
    expect(delays.get_by_role("img", name="How often values occur")).to_be_visible()
    expect(delays).to_contain_text("mean")


def test_a_node_is_tried_on_rows_that_a_person_pastes_from_a_spreadsheet(
    page: Page, owner: Uzo, make: Any, flights: dict[str, Any], inspector: Locator, data: Locator
) -> None:
    late = drawn("late", "transform", "filter", expression="dep_delay > 20")
    workflow = make("Mocked", {"nodes": [flights, late], "edges": [edge("flights", "late")]})
    opened(page, workflow)
    node(page, "late").click()
    data.get_by_role("button", name="Mock inputs").click()
    editor = page.get_by_role("dialog")
    cell = editor.get_by_label("carrier, row 1", exact=True)
    cell.evaluate(
        """(input, text) => {
            const clip = new DataTransfer(); clip.setData("text/plain", text);
            input.dispatchEvent(new ClipboardEvent("paste", {clipboardData: clip, bubbles: true, cancelable: true}));
        }""",
        "carrier\tdep_delay\nUA\t30\nB6\tsoon\nAA\t\n",
    )
    expect(editor.get_by_label("dep_delay, row 1", exact=True)).to_have_value("30")
    expect(editor.get_by_role("status")).to_contain_text("1 cell does not fit")
    expect(editor.get_by_role("button", name="Use these rows")).to_be_disabled()
    editor.get_by_label("dep_delay, row 2", exact=True).fill("21")
    editor.get_by_role("button", name="Use these rows").click()
    grid = data.get_by_role("table", name="Late")
    expect(grid).to_have_attribute("aria-rowcount", "3", timeout=ENOUGH)
    expect(data.get_by_role("button", name="Mock rows")).to_be_visible()
    # For the session: they are there again, and gone when they are no longer wanted.
    page.reload()
    data.get_by_role("button", name="Mock rows").click()
    expect(editor.get_by_label("carrier, row 3", exact=True)).to_have_value("AA")
    editor.get_by_role("button", name="Stop using mock rows").click()
    expect(data.get_by_role("button", name="Mock inputs")).to_be_visible()
    expect(grid).not_to_have_attribute("aria-rowcount", "3", timeout=ENOUGH)


def test_a_query_is_looked_at_and_its_connector_tested_from_the_settings(
    page: Page, make: Any, flights: dict[str, Any], inspector: Locator
) -> None:
    read = json.loads(json.dumps(flights))
    config = read["data"]["config"]
    connector = {key: config[key] for key in ("connectorId",) if key in config}
    read["data"]["config"] = {
        **connector,
        "operation": "read",
        "query": "SELECT carrier, count(*) AS flights FROM flights GROUP BY 1 ORDER BY 2 DESC",
    }
    workflow = make("Asked by a query", {"nodes": [read], "edges": []})
    page.goto(f"/workflows/{workflow['id']}?node=flights")
    inspector.get_by_role("button", name="Test", exact=True).click()
    expect(inspector.locator("[data-ok=true]")).to_be_visible(timeout=ENOUGH)
    inspector.get_by_role("button", name="Preview the query").click()
    rows = inspector.get_by_role("table", name="Rows of the query")
    expect(rows.get_by_role("columnheader").nth(1)).to_contain_text("flights", timeout=ENOUGH)
    expect(rows.get_by_role("cell").first).to_have_text("UA")
    inspector.get_by_role("tab", name="Documentation").click()
    expect(inspector.get_by_text("Reads rows from a connector.")).to_be_visible()


def test_the_language_of_expressions_is_at_hand_beside_a_node_that_takes_them(
    page: Page, workflow: str, inspector: Locator
) -> None:
    page.goto(f"{workflow}?node=departed")
    inspector.get_by_role("tab", name="Documentation").click()
    expect(inspector.get_by_text("age > 18 AND country = 'US'")).to_be_visible(timeout=SOON)
    inspector.get_by_label("Search functions").fill("to_uppercase")
    expect(inspector.get_by_text("upper(text)")).to_be_visible()
    expect(inspector.get_by_text("lower(text)")).to_have_count(0)


def test_how_it_will_run_is_shown_on_the_canvas_once_somebody_asks_and_a_sample_says_its_age(
    page: Page, workflow: str, inspector: Locator, data: Locator
) -> None:
    page.goto(f"{workflow}?node=departed")
    expect(data.get_by_text("sampled")).to_be_visible(timeout=ENOUGH)
    with page.expect_response(lambda answer: answer.url.endswith("/nodes/departed/execute")):
        data.get_by_role("button", name="Refresh the sample").click()
    fused = "Stage 1 of 3: runs as one plan with 9 other nodes"
    expect(inspector.get_by_text(fused)).to_have_count(0)
    page.get_by_role("button", name="Show how it will run").click()
    expect(node(page, "departed").get_by_title(fused)).to_have_text("1")
    expect(node(page, "store_file").get_by_title("Stage 3 of 3: acts on its own")).to_have_text("3")
    expect(inspector.get_by_text(fused)).to_be_visible()
    page.reload()
    page.get_by_role("button", name="Hide how it will run").click()
    expect(node(page, "departed").get_by_title(fused)).to_have_count(0)

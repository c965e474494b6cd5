"""Everything that a person can do to an execution, from its page."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.client import Uzo, diagram, edge, node
from tests.e2e.studio.browser import sign_in

ENOUGH = 60_000


@pytest.fixture
def job(owner: Uzo, demo: dict[str, Any]) -> str:
    found: str = owner.get(f"workflows/{demo['workflow_id']}")["job_id"]
    return found


def variable(name: str) -> dict[str, Any]:
    return node(name, "control", "set_variable", name=name, value="1")


def chain(*nodes: dict[str, Any]) -> dict[str, Any]:
    return diagram(list(nodes), [edge(a["id"], b["id"]) for a, b in pairwise(nodes)])


BROKEN = chain(variable("tide"), node("quay", "control", "fail", message="The quay is closed"))
MENDED = chain(variable("tide"), variable("quay"), variable("after"))


def saved(owner: Uzo, job: str, name: str, drawn: dict[str, Any]) -> str:
    made = owner.post(f"jobs/{job}/workflows", {"name": name, "workflow_diagram": drawn})
    assert made["problems"] == []
    return str(made["id"])


def started(owner: Uzo, workflow: str) -> str:
    return str(owner.post(f"workflows/{workflow}/execute", expect=202)["id"])


def row(page: Page, name: str) -> Locator:
    return page.get_by_role("row").filter(has_text=name)


def status(page: Page, word: str) -> None:
    """The run itself says so, in the line under its name."""
    expect(page.locator("main [data-status]").first).to_have_text(word, timeout=ENOUGH)


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def opened(page: Page, execution: str) -> None:
    page.goto(f"/executions/{execution}")
    page.get_by_role("table").wait_for()


def test_a_run_that_waits_says_until_when_and_is_cancelled(page: Page, owner: Uzo, job: str) -> None:
    workflow = saved(owner, job, "High water", chain(node("ebb", "control", "wait", seconds=4000), variable("after")))
    execution = started(owner, workflow)
    opened(page, execution)
    status(page, "Paused")
    expect(page.get_by_text(re.compile(r"Waits, wakes in 1 hr\."))).to_be_visible()
    button(page, "Cancel run").click()
    status(page, "Cancelled")
    expect(row(page, "After")).to_contain_text("Cancelled")
    assert owner.get(f"executions/{execution}")["status"] == "cancelled"


def test_a_run_is_paused_and_resumed_and_goes_on_where_it_was(page: Page, owner: Uzo, job: str) -> None:
    workflow = saved(owner, job, "Slack water", chain(node("ebb", "control", "wait", seconds=4), variable("after")))
    execution = started(owner, workflow)
    opened(page, execution)
    button(page, "Pause").click()
    status(page, "Paused")
    expect(row(page, "After")).to_contain_text("Pending")
    expect(page.get_by_text("Paused until someone resumes it")).to_be_visible()
    expect(button(page, "Pause")).to_be_hidden()
    page.reload()
    status(page, "Paused")
    button(page, "Resume").click()
    status(page, "Success")
    assert owner.get(f"executions/{execution}")["status"] == "success"


def test_a_failed_run_is_resumed_with_the_newest_version_and_the_same_run_succeeds(
    page: Page, owner: Uzo, job: str
) -> None:
    workflow = saved(owner, job, "Quay", BROKEN)
    execution = started(owner, workflow)
    opened(page, execution)
    status(page, "Failed")
    expect(page.get_by_role("alert").filter(has_text="The quay is closed")).to_be_visible()
    before = owner.get(f"executions/{execution}")["nodes"]
    answer = owner.http.patch(f"workflows/{workflow}", json={"workflow_diagram": MENDED})
    assert answer.status_code == 200, answer.text
    page.get_by_role("button", name="Resume: More ways to go on").click()
    page.get_by_role("menuitem", name="Resume with the newest version").click()
    status(page, "Success")
    expect(row(page, "After")).to_contain_text("Success")
    expect(page.get_by_role("alert").filter(has_text="The quay is closed")).to_be_hidden()
    after = owner.get(f"executions/{execution}")
    assert after["status"] == "success"
    # What had finished was not run again.
    assert after["nodes"][0]["finished_at"] == before[0]["finished_at"]


def test_a_resumed_run_comes_back_to_life_before_those_who_only_watch(page: Page, owner: Uzo, job: str) -> None:
    workflow = saved(owner, job, "Quay", BROKEN)
    execution = started(owner, workflow)
    opened(page, execution)
    status(page, "Failed")
    assert owner.http.patch(f"workflows/{workflow}", json={"workflow_diagram": MENDED}).status_code == 200
    owner.post(f"executions/{execution}/resume", {"version": "latest"}, expect=202)
    status(page, "Success")


def test_a_run_is_repeated_as_another_one_that_names_it(page: Page, owner: Uzo, job: str) -> None:
    workflow = saved(owner, job, "Quay", BROKEN)
    execution = started(owner, workflow)
    opened(page, execution)
    status(page, "Failed")
    button(page, "Run again").click()
    page.wait_for_url(lambda url: "/executions/" in url and execution not in url)
    status(page, "Failed")
    expect(page.get_by_role("link", name=f"Run {execution[-6:]}")).to_be_visible()
    made = page.url.rpartition("/")[2]
    assert owner.get(f"executions/{made}")["retry_of"] == execution


def test_run_again_from_a_node_takes_what_lies_above_from_the_first_run(page: Page, owner: Uzo, job: str) -> None:
    workflow = saved(owner, job, "Three buoys", MENDED)
    execution = started(owner, workflow)
    assert owner.wait(execution)["status"] == "success"
    opened(page, execution)
    page.get_by_role("button", name="Actions for Quay").click()
    page.get_by_role("menuitem", name="Run again from here").click()
    page.wait_for_url(lambda url: "/executions/" in url and execution not in url)
    status(page, "Success")
    made = owner.get(f"executions/{page.url.rpartition('/')[2]}")
    nodes = {each["node_id"]: each for each in made["nodes"]}
    first = {each["node_id"]: each for each in owner.get(f"executions/{execution}")["nodes"]}
    assert nodes["tide"]["finished_at"] == first["tide"]["finished_at"]
    assert nodes["quay"]["finished_at"] > first["quay"]["finished_at"]


def test_an_approval_is_given_on_the_page_of_the_run(page: Page, owner: Uzo, job: str) -> None:
    execution = started(owner, saved(owner, job, "Set sail", asking()))
    opened(page, execution)
    asked = page.get_by_role("region", name="Waits for an approval")
    expect(asked.get_by_text("Waits for approval of “Harbour Master”")).to_be_visible(timeout=ENOUGH)
    expect(asked.get_by_text("May the fleet leave?")).to_be_visible()
    asked.get_by_placeholder("Comment").fill("Fair winds")
    asked.get_by_role("button", name="Approve").click()
    status(page, "Success")
    expect(asked).to_be_hidden()
    expect(row(page, "Leave")).to_contain_text("Success")
    expect(row(page, "Stay")).to_contain_text("Skipped")
    [approval] = owner.get("approvals", execution=execution)["results"]
    assert (approval["status"], approval["comment"]) == ("approved", "Fair winds")


def test_an_approval_is_refused_in_the_inbox(page: Page, owner: Uzo, job: str) -> None:
    execution = started(owner, saved(owner, job, "Set sail again", asking()))
    page.goto("/approvals")
    item = page.get_by_role("listitem").filter(has_text="Set sail again")
    expect(item).to_be_visible(timeout=ENOUGH)
    item.get_by_role("button", name="Reject").click()
    expect(item).to_be_hidden()
    run = owner.wait(execution)
    assert {each["node_id"]: each["status"] for each in run["nodes"]}["leave"] == "skipped"
    page.get_by_text("All", exact=True).click()
    decided = page.get_by_role("listitem").filter(has_text="Set sail again").first
    expect(decided).to_contain_text("Rejected")
    expect(decided).to_contain_text("Decided by")


def asking() -> dict[str, Any]:
    return diagram(
        [
            node("harbour_master", "control", "approval", message="May the fleet leave?"),
            variable("leave"),
            variable("stay"),
        ],
        [edge("harbour_master", "leave", "approved"), edge("harbour_master", "stay", "rejected")],
    )


def test_two_runs_are_compared_node_by_node(page: Page, owner: Uzo, demo: dict[str, Any]) -> None:
    runs = [started(owner, demo["workflow_id"]) for _ in range(2)]
    for execution in runs:
        assert owner.wait(execution)["status"] == "success"
    page.goto(f"/executions?workflow={demo['workflow_id']}&status=success")
    expect(page.get_by_role("button", name="Compare: 0 of 2 chosen")).to_be_disabled()
    for execution in runs:
        page.get_by_role("checkbox", name=f"Choose Run {execution[-6:]} for comparing").check()
    page.get_by_role("link", name="Compare").click()
    page.wait_for_url(f"**/executions/compare?first={runs[0]}&second={runs[1]}")
    planes = row(page, "Planes").first
    expect(planes).to_contain_text("3,322")
    expect(planes).to_contain_text(re.compile(r"\d (ms|s).*\d (ms|s)"))
    page.get_by_role("button", name="Swap").click()
    page.wait_for_url(f"**/executions/compare?first={runs[1]}&second={runs[0]}")


def test_the_list_is_narrowed_by_trigger_and_day_and_says_so_when_nothing_is_left(page: Page, owner: Uzo) -> None:
    page.goto("/executions")
    page.get_by_role("row").nth(1).wait_for()
    page.get_by_label("Until", exact=True).fill("2001-01-01")
    expect(page.get_by_text("No execution matches these filters.")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Until", exact=True)).to_have_value("2001-01-01")
    page.get_by_role("button", name="Clear the filters").click()
    expect(page.get_by_role("row").nth(1)).to_be_visible()
    page.get_by_role("combobox", name="Trigger").click()
    page.get_by_role("option", name="By hand").click()
    page.wait_for_url("**/executions?trigger=api")
    expect(page.get_by_role("row").nth(1)).to_be_visible()


def test_whoever_may_only_look_is_refused_and_told_what_they_need(
    stranger: Page, demo: dict[str, Any], owner: Uzo
) -> None:
    execution = owner.get(f"workflows/{demo['workflow_id']}/executions", status="success")["results"][0]["id"]
    sign_in(stranger, demo, "viewer", wanted=f"/executions/{execution}")
    button(stranger, "Run again").click()
    said = stranger.get_by_role("alert")
    expect(said).to_contain_text("You need the permission execute")
    expect(said).to_contain_text("Ask somebody who holds admin on it")


def test_operations_show_the_lease_of_a_run_and_update_by_themselves(page: Page, owner: Uzo, job: str) -> None:
    page.goto("/operations")
    workers = page.get_by_role("region", name="Workers")
    expect(workers.get_by_text("run-0")).to_be_visible()
    expect(workers.get_by_text("Idle").first).to_be_visible()
    waiting = started(owner, saved(owner, job, "Neap tide", chain(node("ebb", "control", "wait", seconds=4000))))
    expect(page.get_by_role("region", name="Queues")).to_contain_text("Time (", timeout=ENOUGH)
    owner.post(f"executions/{waiting}/cancel", expect=202)

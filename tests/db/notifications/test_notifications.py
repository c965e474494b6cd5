"""What people are told in the pages: of failures of what they began, and of questions to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from apps.executions import services
from apps.executions.models import Approval, WorkflowExecution
from apps.notifications.models import Notification
from apps.realtime import log
from tests.db.executions.conftest import chain
from tests.e2e.client import node

pytestmark = pytest.mark.django_db
Heard = list[tuple[str, str]]


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Iterator[Heard]:
    """Events of people's own channels, as sockets hear them."""
    events: Heard = []
    append = log.append

    def listening(channel: str, event: str, data: Any) -> int:
        if channel.startswith("user:"):
            events.append((channel, event))
        return append(channel, event, data)

    monkeypatch.setattr(log, "append", listening)
    return events


@pytest.fixture
def run(workflow_of: Callable[..., Any], work: Any, django_capture_on_commit_callbacks: Any) -> Callable[..., Any]:
    """Runs a chain in somebody's name as far as it goes, and lets those who listen hear of it."""

    def go(by: Any, *nodes: dict[str, Any]) -> Any:
        workflow = workflow_of(*chain(*nodes))
        with django_capture_on_commit_callbacks(execute=True):
            execution = services.start_execution(viewer=by, workflow_id=workflow.pk)
        with django_capture_on_commit_callbacks(execute=True):
            return work(execution)

    return go


STORM = node("storm", "control", "fail", message="Too much wind")
QUESTION = node("harbour_master", "control", "approval", message="May the fleet leave?")


def told(client: Any, **query: str) -> list[dict[str, Any]]:
    answer = client.get("/api/v1/notifications", query)
    assert answer.status_code == 200, answer.content
    found: list[dict[str, Any]] = answer.json()["results"]
    return found


def test_whoever_began_a_run_hears_of_its_failure_and_nobody_else(
    run: Any, owner: Any, viewer: Any, api: Any, heard: Heard
) -> None:
    failed = run(owner, STORM)
    [notification] = told(api(owner))
    assert (notification["kind"], notification["about"]) == ("execution_failed", str(failed.pk))
    assert (notification["workflow_name"], notification["seen_at"]) == ("Tide table", None)
    assert "Too much wind" in notification["message"]
    assert heard == [(f"user:{owner.pk}", "notification")]
    assert told(api(viewer)) == []


def test_a_success_and_a_preview_are_not_worth_telling(run: Any, owner: Any, heard: Heard) -> None:
    run(owner, node("tide", "control", "wait", seconds=0))
    assert heard == []
    assert not Notification.objects.exists()


def test_what_was_seen_is_not_new_any_more_and_other_windows_hear_it(
    run: Any, owner: Any, api: Any, heard: Heard, django_capture_on_commit_callbacks: Any
) -> None:
    run(owner, STORM), run(owner, STORM)
    client = api(owner)
    first, second = (each["id"] for each in told(client, seen="false"))
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post("/api/v1/notifications/seen", {"ids": [first]}, format="json")
    assert (answer.status_code, answer.json()) == (200, {"seen": 1})
    assert [each["id"] for each in told(client, seen="false")] == [second]
    assert [each["id"] for each in told(client, seen="true")] == [first]
    assert heard[-1] == (f"user:{owner.pk}", "notifications_seen")
    assert [client.post("/api/v1/notifications/seen").json()["seen"] for _ in range(2)] == [1, 0]


def test_nobody_marks_what_is_anothers(run: Any, owner: Any, viewer: Any, api: Any) -> None:
    run(owner, STORM)
    [notification] = told(api(owner))
    answer = api(viewer).post("/api/v1/notifications/seen", {"ids": [notification["id"]]}, format="json")
    assert answer.json() == {"seen": 0}
    assert len(told(api(owner), seen="false")) == 1


def test_t13_who_may_not_read_the_workflow_any_more_is_not_told_of_it(
    run: Any, owner: Any, runner: Any, job: Any, api: Any
) -> None:
    from apps.accounts.access import Level
    from apps.accounts.models import UserGrant
    from apps.accounts.services.permissions import grant

    grant(obj=job, to=runner, level=Level.EXECUTE)
    run(runner, STORM)
    assert len(told(api(runner))) == 1
    UserGrant.objects.filter(user=runner).delete()
    assert told(api(runner)) == []


def test_who_is_asked_hears_of_it_until_somebody_has_decided(
    run: Any, owner: Any, api: Any, django_capture_on_commit_callbacks: Any
) -> None:
    run(owner, QUESTION)
    approval = Approval.objects.get()
    client = api(owner)
    [notification] = told(client, seen="false")
    assert (notification["kind"], notification["about"]) == ("approval_requested", str(approval.pk))
    assert notification["message"] == "May the fleet leave?"
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/api/v1/approvals/{approval.pk}", {"decision": "approve"}, format="json")
    assert told(client, seen="false") == []


def test_a_question_of_a_run_that_was_cancelled_asks_nobody_any_more(
    run: Any, owner: Any, api: Any, django_capture_on_commit_callbacks: Any
) -> None:
    waiting = run(owner, QUESTION)
    with django_capture_on_commit_callbacks(execute=True):
        services.cancel_execution(viewer=owner, execution_id=waiting.pk)
    assert WorkflowExecution.objects.get(pk=waiting.pk).status == "cancelled"
    assert told(api(owner), seen="false") == []


def test_the_list_costs_the_same_however_long_it_is(
    run: Any, owner: Any, api: Any, django_assert_max_num_queries: Any
) -> None:
    for _ in range(3):
        run(owner, STORM)
    client = api(owner)
    with django_assert_max_num_queries(8):
        assert len(told(client)) == 3


@pytest.mark.parametrize("value", ["maybe", "1"])
def test_seen_is_true_or_false(owner: Any, api: Any, value: str) -> None:
    assert api(owner).get("/api/v1/notifications", {"seen": value}).status_code == 400

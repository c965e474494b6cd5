"""Approvals: an execution waits without a worker until one of those who were asked decides."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail

from apps.accounts.access import Level
from apps.accounts.models import Group, Membership
from apps.accounts.services.permissions import grant
from apps.executions import selectors, services
from apps.executions.models import Approval
from apps.executions.tasks import send_approval_mails
from apps.kernel import clock
from apps.kernel.connections import connection
from apps.workflows.analysis import analyse_version
from apps.workflows.selectors import current_version
from tests.e2e.client import edge, node

Make = Callable[..., Any]


@pytest.fixture
def asking(workflow_of: Make, owner: Any, work: Make) -> Make:
    """An execution that has asked; the ways out of its node are `yes` and `no`."""

    def start(parameters: Any = None, **config: Any) -> Any:
        nodes = [
            node("ask", "control", "approval", **config),
            node("yes", "control", "merge"),
            node("no", "control", "merge"),
        ]
        workflow = workflow_of(nodes, [edge("ask", "yes", "approved"), edge("ask", "no", "rejected")])
        execution = services.start_execution(viewer=owner, workflow_id=workflow.pk, parameters=parameters)
        return work(execution)

    return start


def statuses(execution: Any) -> dict[str, str]:
    return {each["node_id"]: each["status"] for each in selectors.body(execution)["nodes"]}


@pytest.mark.parametrize(("decision", "taken", "left"), [("approve", "yes", "no"), ("reject", "no", "yes")])
def test_a_decision_takes_the_execution_on_its_way(
    asking: Make, owner: Any, api: Any, work: Make, decision: str, taken: str, left: str
) -> None:
    from apps.audit.models import AuditEntry

    execution = asking(message="Send {{ count }} invoices?", parameters={"count": 3})
    assert (execution.status, execution.waiting_for, execution.lease_owner) == ("paused", "approval", None)
    [found] = api(owner).get("/api/v1/approvals?status=pending").json()["results"]
    assert (found["message"], found["may_decide"], found["workflow_name"]) == ("Send 3 invoices?", True, "Tide table")
    path = f"/api/v1/approvals/{found['id']}"
    answer = api(owner).post(path, {"decision": decision, "comment": "after lunch"}, format="json")
    assert (answer.status_code, answer.json()["decided_by"]["email"]) == (200, owner.email)
    execution = work(execution)
    assert execution.status == "success"
    assert {name: statuses(execution)[name] for name in ("ask", taken, left)} == {
        "ask": "success", taken: "success", left: "skipped",
    }  # fmt: skip
    [line] = [line.message for line in selectors.logs_of(execution)]
    assert re.fullmatch(rf"(Approved|Rejected) by {owner.email} at .* UTC: after lunch", line)
    entry = AuditEntry.objects.get(action="approval_decided")
    assert (entry.actor, entry.details["decision"], entry.details["comment"]) == (owner.email, decision, "after lunch")
    again = api(owner).post(path, {"decision": decision}, format="json")
    assert (again.status_code, again.json()["code"]) == (409, "already_decided")


def test_only_those_who_were_asked_decide_and_others_do_not_even_see_it(
    asking: Make, api: Any, editor: Any, viewer: Any, runner: Any
) -> None:
    pilots = Group.objects.create(name="Pilots")
    Membership.objects.create(group=pilots, user=runner)
    execution = asking(approvers=[editor.email.upper(), "Pilots"])
    approval = execution.approvals.get()
    grant(obj=execution.workflow, to=viewer, level=Level.EXECUTE)
    path = f"/api/v1/approvals/{approval.pk}"
    assert api(viewer).get(path).status_code == 404
    assert api(viewer).get("/api/v1/approvals").json()["count"] == 0
    assert api(runner).get(path).json()["may_decide"] is True
    assert api(editor).post(path, {"decision": "reject"}, format="json").status_code == 200
    assert api(runner).get(path).json()["may_decide"] is False


def test_who_began_the_execution_sees_the_question_but_may_not_answer_it(
    workflow_of: Make, api: Any, editor: Any, runner: Any, work: Make
) -> None:
    workflow = workflow_of([node("ask", "control", "approval", approvers=[editor.email])], [])
    grant(obj=workflow, to=runner, level=Level.EXECUTE)
    execution = work(services.start_execution(viewer=runner, workflow_id=workflow.pk))
    path = f"/api/v1/approvals/{execution.approvals.get().pk}"
    assert api(runner).get(path).json()["may_decide"] is False
    assert api(runner).post(path, {"decision": "approve"}, format="json").status_code == 403


def test_without_approvers_whoever_may_execute_the_workflow_decides(asking: Make, api: Any, viewer: Any) -> None:
    execution = asking()
    path = f"/api/v1/approvals/{execution.approvals.get().pk}"
    grant(obj=execution.workflow, to=viewer, level=Level.READ)
    assert api(viewer).get(path).status_code == 404
    grant(obj=execution.workflow, to=viewer, level=Level.EXECUTE)
    assert api(viewer).post(path, {"decision": "approve"}, format="json").status_code == 200


@pytest.mark.parametrize(("on_expiry", "status"), [("reject", "success"), ("fail", "failed")])
def test_a_question_expires(
    asking: Make, work: Make, api: Any, owner: Any, monkeypatch: Any, on_expiry: str, status: str
) -> None:
    execution = asking(expiresAfter=60, onExpiry=on_expiry)
    assert execution.wake_at is not None
    later = clock.now() + timedelta(seconds=61)
    monkeypatch.setattr(clock, "now", lambda: later)
    path = f"/api/v1/approvals/{execution.approvals.get().pk}"
    assert api(owner).post(path, {"decision": "approve"}, format="json").json()["code"] == "expired"
    services.wake(execution_id=execution.pk)
    execution = work(execution)
    assert execution.status == status
    assert execution.approvals.get().status == "expired"
    if status == "failed":
        assert execution.error["code"] == "approval_expired"
    else:
        assert statuses(execution)["no"] == "success"


def test_the_end_of_the_execution_withdraws_the_question(asking: Make, owner: Any, api: Any) -> None:
    execution = asking()
    services.cancel_execution(viewer=owner, execution_id=execution.pk)
    approval = execution.approvals.get()
    assert approval.status == "withdrawn"
    answer = api(owner).post(f"/api/v1/approvals/{approval.pk}", {"decision": "approve"}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (409, "already_decided")


def test_each_row_of_a_loop_asks_for_itself(workflow_of: Make, quays: Any, owner: Any, work: Make, api: Any) -> None:
    nodes = [
        node("read", "connector", "read", connector=str(quays.pk), table="quays.csv"),
        node("loop", "control", "for_each", collect="kept"),
        node("ask", "control", "approval", message="Dredge {{ item.quay }}?"),
        node("kept", "transform", "select", columns=["quay"]),
    ]
    edges = [edge("read", "loop"), edge("loop", "ask", "each"), edge("ask", "kept", "approved")]
    execution = work(services.start_execution(viewer=owner, workflow_id=workflow_of(nodes, edges).pk))
    for decision in ("approve", "reject", "approve"):
        assert (execution.status, execution.waiting_for) == ("paused", "approval")
        approval = Approval.objects.get(status="pending")
        api(owner).post(f"/api/v1/approvals/{approval.pk}", {"decision": decision}, format="json")
        execution = work(execution)
    assert execution.status == "success"
    assert [each.message for each in Approval.objects.order_by("created_at")] == [
        "Dredge north?", "Dredge south?", "Dredge =east?",
    ]  # fmt: skip
    rows = api(owner).get(f"/api/v1/executions/{execution.pk}/nodes/loop/output?port=done").json()["rows"]
    assert rows == [["north"], ["=east"]]


def test_an_approver_who_is_nobody_is_a_problem_at_its_place(workflow_of: Make, editor: Any) -> None:
    workflow = workflow_of([node("ask", "control", "approval", approvers=[editor.email, "Nemo"])], [])
    [problem] = analyse_version(current_version(workflow)).problems
    assert (problem.code, problem.field) == ("invalid_config", "config.approvers.1")


# By mail


def link_to(approval: Any) -> tuple[str, str]:
    """The recipient and the path of the first mail."""
    send_approval_mails(schema_name=connection.schema_name, approval_id=str(approval.pk))
    [message] = mail.outbox
    url = re.search(r"https?://\S+", message.body)
    assert url is not None
    return message.to[0], re.sub(r"^https?://[^/]+", "", url[0])


def test_a_mailed_link_opens_a_page_that_asks_and_only_its_form_decides(asking: Make, editor: Any, api: Any) -> None:
    execution = asking(approvers=[editor.email], message="Weigh <b>anchor</b>?")
    approval = execution.approvals.get()
    to, path = link_to(approval)
    assert to == editor.email
    page = api().get(path)
    assert page.status_code == 200
    assert "Weigh &lt;b&gt;anchor&lt;/b&gt;?" in page.content.decode()
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "script-src" not in policy
    assert page.headers["Referrer-Policy"] == "no-referrer"
    approval.refresh_from_db()
    assert approval.status == "pending"
    token = path.partition("token=")[2]
    done = api().post(
        "/approvals/decide", {"token": token, "decision": "approve", "comment": "aye"}, format="multipart"
    )
    assert done.status_code == 200
    approval.refresh_from_db()
    assert (approval.status, approval.decided_by, approval.comment) == ("approved", editor, "aye")
    twice = api().post("/approvals/decide", {"token": token, "decision": "reject"}, format="multipart")
    assert twice.status_code == 409


@pytest.mark.parametrize("spoil", ["forged", "elsewhere", "switched_off", "no_longer_asked"])
def test_a_link_is_good_for_one_person_and_one_approval_of_one_tenant(
    asking: Make, editor: Any, api: Any, spoil: str, monkeypatch: Any
) -> None:
    from apps.executions import approval_links

    approval = asking(approvers=[editor.email]).approvals.get()
    if spoil == "elsewhere":
        monkeypatch.setattr(approval_links, "connection", type("Other", (), {"schema_name": "rival"}))
        token = approval_links.token(approval, editor)
        monkeypatch.undo()
    else:
        token = approval_links.token(approval, editor)
    if spoil == "forged":
        token = token[:-1] + ("A" if token[-1] != "A" else "B")
    if spoil == "switched_off":
        editor.is_active = False
        editor.save()
    if spoil == "no_longer_asked":
        approval.users.clear()
    answer = api().post("/approvals/decide", {"token": token, "decision": "approve"}, format="multipart")
    assert answer.status_code == 404
    approval.refresh_from_db()
    assert approval.status == "pending"


def test_everybody_who_was_asked_gets_a_link_of_their_own(asking: Make, editor: Any, runner: Any) -> None:
    approval = asking(approvers=[editor.email, runner.email], expiresAfter=3600).approvals.get()
    send_approval_mails(schema_name=connection.schema_name, approval_id=str(approval.pk))
    assert {message.to[0] for message in mail.outbox} == {editor.email, runner.email}
    assert len({re.search(r"token=(\S+)", message.body)[1] for message in mail.outbox}) == 2  # type: ignore[index]
    assert "It expires at" in mail.outbox[0].body

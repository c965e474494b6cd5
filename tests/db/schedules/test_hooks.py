"""Webhooks in: signed, fresh, once; secrets shown once, rotated, sealed."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models import F
from redis.exceptions import ConnectionError as RedisConnectionError

from apps.audit.models import AuditEntry
from apps.executions.models import JobRun, WorkflowExecution
from apps.kernel import redis
from apps.kernel.api.schema_views import document
from apps.schedules.core.signing import sign
from apps.schedules.models import Hook, HookEvent, HookRefusal
from apps.schedules.services import refusals
from apps.vault.services import rotate_data_key
from tests.db.conftest import RIVAL_HOST
from tests.db.schedules.conftest import make_workflow
from tests.e2e.client import diagram, node

pytestmark = pytest.mark.django_db
EVENT = {"ship": "Aurora", "pier": 3, "quay": "north"}


class Sender:
    """Somebody elsewhere who knows, or thinks they know, a hook's secret."""

    def __init__(self, client: Any, made: dict[str, Any]) -> None:
        self.client, self.path, self.secret = client, made["path"], made["secret"]

    def send(self, id: str = "evt_1", *, body: bytes | None = None, ago: int = 0, **changed: Any) -> Any:
        """Deliver, signed; `changed` replaces headers after the signing, None leaves one out."""
        body = json.dumps(EVENT).encode() if body is None else body
        at = int(time.time()) - ago
        headers = {
            "webhook-id": id,
            "webhook-timestamp": str(at),
            "webhook-signature": sign(self.secret, id=id, timestamp=at, body=body),
            **{name.replace("_", "-"): value for name, value in changed.items() if name != "sent"},
        }
        said = {name: value for name, value in headers.items() if value is not None}
        return self.client.generic("POST", self.path, changed.get("sent", body), "application/json", headers=said)


@pytest.fixture(autouse=True)
def fresh_throttles(tenant: Any) -> Iterator[None]:
    yield
    for pattern in ("throttle:*hook*", "refused:*"):
        for key in redis.client().scan_iter(f"uzo:{connection.schema_name}:{pattern}"):
            redis.client().delete(key)


@pytest.fixture
def hook(workflow: Any, owner: Any, api: Any) -> Callable[..., Sender]:
    """Makes a hook of the workflow and its sender, a stranger."""

    def make(**body: Any) -> Sender:
        made = api(owner).post(f"/api/v1/workflows/{workflow.pk}/hooks", {"name": "Ships", **body}, format="json")
        assert made.status_code == 201, made.content
        return Sender(api(), made.json())

    return make


def test_a_signed_delivery_starts_the_workflow_with_what_it_accepts(hook: Any) -> None:
    answer = hook(accepts=["pier"], parameters={"port": "Kiel"}).send()
    assert answer.status_code == 202, answer.content
    execution = WorkflowExecution.objects.get()
    assert answer.json() == {
        "event_id": "evt_1", "duplicate": False, "job_run_id": None, "execution_id": str(execution.pk),
    }  # fmt: skip
    assert execution.parameters == {"pier": 3, "port": "Kiel", "payload": EVENT, "event_id": "evt_1"}
    assert execution.trigger == "webhook"


def test_a_sender_that_waits_gets_what_the_workflow_answers(
    job: Any, owner: Any, api: Any, work: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from apps.executions.services import answering
    from apps.workflows.services.saving import create_workflow

    reply = node("reply", "control", "http_response", status=201, headers={"X-Pier": "3"}, body={"moored": True})
    answers = create_workflow(job=job, by=owner, name="Moor", diagram=diagram([reply], [])).workflow
    made = api(owner).post(f"/api/v1/workflows/{answers.pk}/hooks", {}, format="json").json()
    sender = Sender(api(), made)
    sender.path += "?wait=20"
    # No worker runs beside this test: the waiting does its work.
    monkeypatch.setattr(answering, "wait_until_over", lambda id, **_: work(WorkflowExecution.objects.get(pk=id)))
    answer = sender.send()
    assert (answer.status_code, answer["X-Pier"], answer.json()) == (201, "3", {"moored": True})


def test_a_job_can_have_a_hook_too(job: Any, workflow: Any, owner: Any, api: Any) -> None:
    made = api(owner).post(f"/api/v1/jobs/{job.pk}/hooks", {}, format="json").json()
    answer = Sender(api(), made).send(body=b"")
    assert answer.json()["job_run_id"] == str(JobRun.objects.get().pk)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"webhook_signature": None}, "unsigned"),
        ({"webhook_id": None}, "unsigned"),
        ({"webhook_timestamp": None}, "unsigned"),
        ({"webhook_signature": "v1,AAAA"}, "bad_signature"),
        ({"webhook_signature": "v1,not base64 v2,x ,"}, "bad_signature"),
        ({"webhook_id": "evt_2"}, "bad_signature"),
        ({"webhook_timestamp": "1"}, "bad_signature"),
        ({"webhook_timestamp": "soon"}, "bad_signature"),
        ({"webhook_timestamp": "9" * 400}, "bad_signature"),
        ({"sent": b'{"pier": 4}'}, "bad_signature"),
        ({"ago": 301}, "stale"),
        ({"ago": -360}, "stale"),  # whatever time the test itself takes
    ],
)
def test_t47_what_is_not_signed_with_the_secret_starts_nothing(hook: Any, changed: Any, code: str) -> None:
    answer = hook().send(**changed)
    assert (answer.status_code, answer.json()["code"]) == (401, code)
    assert not WorkflowExecution.objects.exists()


def test_t47_another_hooks_secret_is_worth_nothing(hook: Any) -> None:
    ours, theirs = hook(), hook()
    ours.secret = theirs.secret
    assert ours.send().json()["code"] == "bad_signature"


def test_t48_what_was_overheard_starts_nothing_again(hook: Any) -> None:
    sender = hook()
    answers = [sender.send("evt_1", ago=ago) for ago in (3, 2, 1)]  # retries are signed anew
    assert [answer.json()["duplicate"] for answer in answers] == [False, True, True]
    assert len({answer.json()["execution_id"] for answer in answers}) == 1
    assert (WorkflowExecution.objects.count(), HookEvent.objects.get().deliveries) == (1, 3)


def test_a_delivery_that_could_not_be_done_may_come_again(job: Any, owner: Any, api: Any) -> None:
    made = api(owner).post(f"/api/v1/jobs/{job.pk}/hooks", {}, format="json").json()
    sender = Sender(api(), made)
    assert sender.send().json()["code"] == "nothing_to_run"
    make_workflow(job, owner, "ebb")
    assert sender.send().json()["duplicate"] is False


def test_the_secret_is_shown_once_and_kept_sealed(hook: Any, owner: Any, api: Any) -> None:
    sender = hook()
    row = Hook.objects.get()
    assert sender.secret.startswith("whsec_")
    assert sender.secret not in row.secret
    assert "secret" not in api(owner).get(f"/api/v1/hooks/{row.pk}").json()
    assert sender.secret not in json.dumps(list(AuditEntry.objects.values()), default=str)


def test_a_new_secret_leaves_the_old_one_a_day(hook: Any, owner: Any, api: Any) -> None:
    sender = hook()
    row = Hook.objects.get()
    new = api(owner).post(f"/api/v1/hooks/{row.pk}/rotate-secret").json()
    assert new["secret"] != sender.secret
    assert sender.send("evt_1").status_code == 202
    old, sender.secret = sender.secret, new["secret"]
    assert sender.send("evt_2").status_code == 202
    Hook.objects.update(previous_until=row.created_at)
    sender.secret = old
    assert sender.send("evt_3").json()["code"] == "bad_signature"
    assert AuditEntry.objects.filter(action="hook_secret_rotated", object_id=row.pk).exists()


def test_secrets_outlive_a_new_data_key(hook: Any, owner: Any, api: Any) -> None:
    sender = hook()
    api(owner).post(f"/api/v1/hooks/{Hook.objects.get().pk}/rotate-secret")
    before = Hook.objects.get()
    rotate_data_key()
    after = Hook.objects.get()
    assert (after.secret != before.secret, after.previous_secret != before.previous_secret) == (True, True)
    assert sender.send().status_code == 202


def test_a_hook_that_is_off_deleted_or_unknown_is_not_there(hook: Any, owner: Any, api: Any) -> None:
    sender = hook()
    own = f"/api/v1/hooks/{Hook.objects.get().pk}"
    api(owner).patch(own, {"enabled": False}, format="json")
    assert sender.send().status_code == 404
    api(owner).patch(own, {"enabled": True}, format="json")
    assert sender.send().status_code == 202
    api(owner).delete(own)
    assert sender.send("evt_2").status_code == 404
    sender.path = f"/api/v1/hooks/{uuid4()}"
    assert sender.send("evt_3").status_code == 404


def test_deliveries_are_limited_in_size_and_number(hook: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from rest_framework.settings import api_settings

    sender = hook()
    assert sender.send(body=b'"' + b"x" * 70_000 + b'"').json()["code"] == "too_large"
    assert sender.send(body=b"[1").json()["code"] == "invalid"
    monkeypatch.setitem(api_settings.DEFAULT_THROTTLE_RATES, "hook", "3/min")
    answers = [sender.send(f"evt_{n}") for n in range(6)]
    assert answers[-1].status_code == 429
    assert int(answers[-1]["Retry-After"]) > 0
    unsigned = sender.send("evt_9", webhook_signature=None)
    assert unsigned.status_code == 401  # what is not signed neither counts nor is told


def test_a_credential_on_a_delivery_means_nothing(hook: Any) -> None:
    sender = hook()
    sender.client.credentials(HTTP_AUTHORIZATION="Bearer of somebody else's system")
    assert sender.send().status_code == 202


def test_the_document_says_that_a_delivery_needs_no_credential() -> None:
    path = document("uzo.urls")["paths"]["/api/v1/hooks/{id}"]
    assert path["post"]["security"] == []
    assert path["get"].get("security") != []


def test_t05_at_the_rivals_host_our_hook_is_not_there(hook: Any, api: Any, rival: Any) -> None:
    sender = hook()
    sender.client = api(host=RIVAL_HOST)
    assert sender.send().status_code == 404


def test_whoever_lost_the_right_starts_nothing_by_their_hook(workflow: Any, editor: Any, grant: Any, api: Any) -> None:
    from apps.accounts.models import UserGrant

    grant(editor, workflow, "write")
    grant(editor, workflow, "execute")
    made = api(editor).post(f"/api/v1/workflows/{workflow.pk}/hooks", {}, format="json").json()
    UserGrant.objects.filter(user=editor).delete()
    assert Sender(api(), made).send().status_code == 404
    assert not HookEvent.objects.exists()


def test_deliveries_are_listed_with_how_their_runs_stand(
    hook: Any, owner: Any, api: Any, django_assert_max_num_queries: Any
) -> None:
    sender = hook()
    assert [sender.send(id).status_code for id in ("evt_1", "evt_2", "evt_2")] == [202] * 3
    first = HookEvent.objects.get(event_id="evt_1")
    WorkflowExecution.objects.filter(pk=first.execution_id).update(status="failed")
    client = api(owner)
    with django_assert_max_num_queries(14):
        found = client.get(f"{sender.path}/events").json()["results"]
    told = [(each["event_id"], each["deliveries"], each["run_status"]) for each in found]
    assert told == [("evt_2", 2, "queued"), ("evt_1", 1, "failed")]


def refused(api: Any, owner: Any) -> list[dict[str, Any]]:
    return list(api(owner).get(f"/api/v1/hooks/{Hook.objects.get().pk}/refusals").json()["results"])


@pytest.mark.parametrize(
    ("changed", "code", "event_id"),
    [
        ({"webhook_signature": None}, "unsigned", "evt_1"),
        ({"webhook_id": None}, "unsigned", ""),
        ({"webhook_id": "evt 1"}, "bad_signature", ""),
        ({"webhook_id": "x" * 256}, "bad_signature", ""),
        ({"webhook_signature": "v1,AAAA"}, "bad_signature", "evt_1"),
        ({"ago": 301}, "stale", "evt_1"),
        ({"body": b"x" * 65_537}, "too_large", "evt_1"),
        ({"body": b"{"}, "invalid", "evt_1"),
    ],
)
def test_what_is_refused_is_noted_without_what_was_sent(
    hook: Any, api: Any, owner: Any, changed: Any, code: str, event_id: str
) -> None:
    sender = hook()
    answer = sender.send(**changed)
    assert answer.json()["code"] == code
    [told] = refused(api, owner)
    assert (told["code"], told["count"], told["event_id"]) == (code, 1, event_id)
    assert told["first_at"] == told["last_at"]
    row = json.dumps(list(HookRefusal.objects.values()), default=str)
    assert "v1," not in row
    assert sender.secret not in row
    assert "Aurora" not in row


def test_what_cannot_be_started_is_noted_too(job: Any, owner: Any, api: Any) -> None:
    made = api(owner).post(f"/api/v1/jobs/{job.pk}/hooks", {}, format="json").json()
    answer = Sender(api(), made).send()
    assert answer.status_code >= 400
    [told] = refused(api, owner)
    assert told["code"] == answer.json()["code"]


def test_t60_a_flood_of_refused_deliveries_is_one_row_written_once_a_second(
    hook: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refusals, "SECONDS", 3600)
    sender = hook()
    sender.send(webhook_signature="v1,AAAA")
    row = HookRefusal.objects.get()
    for _ in range(20):
        sender.send(f"evt_{uuid4().hex}", webhook_signature="v1,AAAA")
    row.refresh_from_db()
    assert (row.count, row.event_id) == (1, "evt_1"), "nothing was written meanwhile"
    for key in redis.client().scan_iter(f"uzo:{connection.schema_name}:refused:*:written"):
        redis.client().delete(key)
    sender.send("evt_last", webhook_signature="v1,AAAA")
    assert [(each.count, each.event_id) for each in HookRefusal.objects.all()] == [(22, "evt_last")]


def test_without_redis_refusals_are_noted_all_the_same(hook: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    sender = hook()

    def gone() -> Any:
        raise RedisConnectionError

    with monkeypatch.context() as without:
        without.setattr(refusals.redis, "client", gone)
        for _ in range(2):
            assert sender.send(webhook_signature="v1,AAAA").status_code == 401
    assert HookRefusal.objects.get().count == 2


def test_refusals_of_another_day_are_another_row_and_old_ones_are_forgotten(
    hook: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from apps.schedules.forgetting import forget_old

    sender = hook()
    sender.send(webhook_signature="v1,AAAA")
    HookRefusal.objects.update(day=F("day") - timedelta(days=1), last_at=F("last_at") - timedelta(days=91))
    for key in redis.client().scan_iter(f"uzo:{connection.schema_name}:refused:*"):
        redis.client().delete(key)
    sender.send(webhook_signature="v1,AAAA")
    assert HookRefusal.objects.count() == 2
    assert forget_old() == 1
    assert HookRefusal.objects.count() == 1


def test_deliveries_that_were_accepted_are_no_refusals(hook: Any, api: Any, owner: Any) -> None:
    sender = hook()
    assert [sender.send().status_code for _ in range(2)] == [202, 202]
    assert refused(api, owner) == []

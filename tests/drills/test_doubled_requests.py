"""F7: a client that is not sure whether it was heard asks a hundred times, on many connections at once."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.db.conftest import PASSWORD
from tests.db.executions.office import Office, saved
from tests.drills.conftest import Web
from tests.e2e.client import node

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.timeout(400)]
REQUESTS = 100


def test_f7_a_hundred_identical_posts_with_one_key_make_one_execution(
    web: Web, office: Office, committed_tenant: Any
) -> None:
    workflow, _ = office.call(saved, [node("ebb", "control", "wait", seconds=0)], [])
    client = httpx.Client(
        base_url=f"http://127.0.0.1:{web.port}/api/v1/", headers={"Host": committed_tenant.host}, timeout=120
    )
    with client:
        signed_in = client.post("auth/login", json={"email": "olive@committed.example", "password": PASSWORD})
        client.headers.update({"Authorization": f"Bearer {signed_in.json()['access']}", "Idempotency-Key": "tide-7"})
        path = f"workflows/{workflow.pk}/execute"

        def ask(_: int) -> httpx.Response:
            return client.post(path, json={"parameters": {"tide": 1}})

        with ThreadPoolExecutor(20) as pool:
            answered = list(pool.map(ask, range(REQUESTS)))
        came = Counter(answer.status_code for answer in answered)
        assert set(came) <= {202, 409}, came  # the first one still under way is 409
        again = ask(0)
        assert (again.status_code, again.headers.get("Idempotency-Replayed")) == (202, "true")
        ids = {answer.json()["id"] for answer in [*answered, again] if answer.status_code == 202}
        assert len(ids) == 1
        changed = client.post(path, json={"parameters": {"tide": 2}})
        assert (changed.status_code, changed.json()["code"]) == (422, "idempotency_mismatch")
        made = client.get(f"workflows/{workflow.pk}/executions").json()
    assert [each["id"] for each in made["results"]] == list(ids)

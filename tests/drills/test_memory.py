"""A node that takes more memory than an execution may: it fails, its worker's place lives on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.db.executions.office import Office
from tests.drills.conftest import Host
from tests.e2e.client import node

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
LIMIT_MB = 640
ROWS = [{"song": "heron " * 170}] * 1000


@pytest.fixture(scope="module")
def environment(environment: dict[str, str]) -> dict[str, str]:
    return environment | {"UZO_MEMORY_LIMIT_MB": str(LIMIT_MB)}


@pytest.fixture(scope="module")
def host(hosts: Callable[..., Host]) -> Host:
    return hosts("--processes", "0", "--previews", "1")


@pytest.fixture
def shared_store(environment: dict[str, str], settings: Any) -> None:
    """Rows that are given to a preview lie where the host looks for them."""
    settings.RUN_STORE = Path(environment["UZO_DATA_DIR"]) / "runs"


def sing(office: Office, times: int) -> Any:
    """Preview a node that makes each of a thousand lines of a kilobyte so many times longer."""
    derive = node("choir", "transform", "derive", expressions={"song": f"repeat(song, {times})"})
    return office.preview(derive, node_id="choir", mock_inputs={"input": ROWS}, limit=1)


@pytest.mark.usefixtures("shared_store")
def test_a_node_beyond_the_memory_limit_fails_and_the_next_execution_runs(host: Host, office: Office) -> None:
    assert office.until_over(sing(office, 1), seconds=120).status == "success"
    before = host.child()

    over = office.until_over(sing(office, 1000), seconds=120)

    assert (over.status, over.error["code"]) == ("failed", "memory_limit")
    assert f"{LIMIT_MB} MB" in over.error["message"]
    assert over.recoveries == 0, "it was not taken for a lost worker"
    [choir] = office.call(lambda: list(over.nodes.values("node_id", "status", "error__code")))
    assert choir == {"node_id": "choir", "status": "failed", "error__code": "memory_limit"}

    assert office.until_over(sing(office, 1), seconds=120).status == "success"
    assert before not in host.children()
    assert host.process.poll() is None

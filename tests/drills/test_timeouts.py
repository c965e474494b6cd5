"""A node whose time is up while Polars works: nothing can interrupt it, so its process has to go."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.db.executions.office import Office
from tests.drills.conftest import Host
from tests.e2e.client import node

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
ROWS = [{"song": "heron gull " * 90}] * 1000
SLOW = "(?:.{0,99}){0,10}!"
"""A thousand characters written out: for each character that is looked at, a thousand steps."""


@pytest.fixture(scope="module")
def host(hosts: Callable[..., Host]) -> Host:
    return hosts("--processes", "0", "--previews", "1")


@pytest.fixture
def shared_store(environment: dict[str, str], settings: Any) -> None:
    """Rows that are given to a preview lie where the host looks for them."""
    settings.RUN_STORE = Path(environment["UZO_DATA_DIR"]) / "runs"


def search(office: Office, times: int, **config: Any) -> Any:
    """Preview a node that looks for what is not there, in texts of so many kilobytes."""
    found = node(
        "lookout", "transform", "filter", expression=f"regexp_matches(repeat(song, {times}), '{SLOW}')", **config
    )
    return office.preview(found, node_id="lookout", mock_inputs={"input": ROWS}, limit=1)


@pytest.mark.usefixtures("shared_store")
def test_t59_a_regular_expression_that_would_hang_ends_with_its_time_and_its_process(
    host: Host, office: Office
) -> None:
    quick = node("lookout", "transform", "filter", expression="song = 'heron'")
    warm = office.preview(quick, node_id="lookout", mock_inputs={"input": ROWS[:1]}, limit=1)
    assert office.until_over(warm, seconds=120).status == "success"
    before = host.child()
    thread_left_behind = psutil.Process(before)

    began = time.monotonic()
    over = office.until_over(search(office, 1000, timeout=1), seconds=60)

    assert time.monotonic() - began < 20, "it did not wait for Polars"
    assert over.status == "failed"
    [lookout] = office.call(lambda: list(over.nodes.values("status", "error__code")))
    assert lookout == {"status": "failed", "error__code": "timeout"}
    assert over.recoveries == 0, "its worker was not lost, it was replaced"
    again = office.preview(quick, node_id="lookout", mock_inputs={"input": ROWS[:1]}, limit=1)
    assert office.until_over(again, seconds=60).status == "success"
    assert before not in host.children()
    assert not thread_left_behind.is_running()
    assert host.process.poll() is None

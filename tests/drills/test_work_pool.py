"""The flow of the warm workers on an ordinary Prefect work pool: a server, a process pool, a deployment, a worker.

No host of ours runs: what runs the execution is what `apps/executions/flows/flow.py` tells people to set up.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.db.executions.office import Office
from tests.drills.host import ROOT
from tests.e2e.client import node
from uzo.local.ports import answers, free_port
from uzo.local.service import wait_until

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.timeout(900)]
PREFECT = Path(sys.executable).parent / "prefect"


class Pool:
    """A Prefect server with a work pool named `uzo`, and a worker that polls it."""

    def __init__(self, environment: dict[str, str], folder: Path) -> None:
        self.port = free_port()
        self.api = f"http://127.0.0.1:{self.port}/api"
        self.folder = folder
        self._programs: list[subprocess.Popen[bytes]] = []
        prefect = {
            "PREFECT_HOME": str(folder),
            "PREFECT_API_URL": self.api,
            "PREFECT_SERVER_API_HOST": "127.0.0.1",
            "PREFECT_SERVER_API_PORT": str(self.port),
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false",
            "PREFECT_WORKER_QUERY_SECONDS": "0.5",
            "DO_NOT_TRACK": "1",
        }
        self.environment = environment | prefect

    def start(self) -> None:
        self._run_beside(
            "server", sys.executable, "-m", "uvicorn", "--factory", "prefect.server.api.server:create_app",
            "--host", "127.0.0.1", "--port", str(self.port), "--log-level", "warning", "--no-access-log",
        )  # fmt: skip
        assert wait_until(lambda: answers(self.port), seconds=240, pause=0.3), self.said("server")
        self.prefect("work-pool", "create", "uzo", "--type", "process")
        flow = "apps/executions/flows/flow.py:run_execution"
        self.prefect("deploy", flow, "--name", "uzo", "--pool", "uzo")
        self._run_beside("worker", str(PREFECT), "worker", "start", "--pool", "uzo", "--type", "process")

    def prefect(self, *arguments: str) -> str:
        ran = subprocess.run(
            [str(PREFECT), "--no-prompt", *arguments], cwd=ROOT, env=self.environment, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout

    def said(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text()[-4000:]

    def states(self) -> list[str]:
        """States of the flow runs that the server knows."""
        found = httpx.post(f"{self.api}/flow_runs/filter", json={}, timeout=30)
        found.raise_for_status()
        return [str(run["state_type"]) for run in found.json()]

    def stop(self) -> None:
        for program in reversed(self._programs):
            program.terminate()
        for program in self._programs:
            program.wait(60)

    def _run_beside(self, name: str, *command: str) -> None:
        with (self.folder / f"{name}.log").open("wb") as output:
            self._programs.append(
                subprocess.Popen(
                    command, cwd=ROOT, env=self.environment, stdout=output, stderr=subprocess.STDOUT
                )
            )  # fmt: skip


@pytest.fixture(scope="module")
def pool(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pool]:
    found = Pool(environment, tmp_path_factory.mktemp("prefect"))
    try:
        found.start()
        yield found
    finally:
        found.stop()


@pytest.fixture
def dispatch(pool: Pool, office: Office) -> Callable[[Any], None]:
    """Has the pool run an execution, as a person would by hand."""

    def run(execution: Any) -> None:
        pool.prefect(
            "deployment", "run", "run-execution/uzo",
            "-p", f"execution_id={execution.pk}", "-p", f"tenant_schema={office.schema}",
        )  # fmt: skip

    return run


def test_the_same_flow_runs_on_an_ordinary_work_pool(
    pool: Pool, office: Office, dispatch: Callable[[Any], None]
) -> None:
    execution = office.start(node("ebb", "control", "wait", seconds=0), node("flood", "control", "wait", seconds=0))
    dispatch(execution)
    try:
        over = office.until_over(execution, seconds=300)
    except AssertionError as error:
        raise AssertionError(f"{error}\n{pool.said('worker')}") from error
    assert (over.status, over.fence) == ("success", 1)
    assert len(office.stages(execution)) == 2
    assert wait_until(lambda: pool.states() == ["COMPLETED"], seconds=120, pause=0.5), pool.states()


def test_a_failed_execution_is_a_failed_flow_run(pool: Pool, office: Office, dispatch: Callable[[Any], None]) -> None:
    execution = office.start(node("reef", "control", "fail", message="aground"))
    dispatch(execution)
    over = office.until_over(execution, seconds=300)
    assert (over.status, over.error["message"]) == ("failed", "aground")
    assert wait_until(lambda: "FAILED" in pool.states(), seconds=120, pause=0.5), pool.states()

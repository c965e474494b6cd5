"""The drill of `make drills`, small: real executions into a real PostgreSQL, while workers and servers are killed.

How soon everything went on is measured by `make drills`; here only what must hold on any machine is.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.drills.__main__ import run

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
KILLS, RESTARTS, SEED = 20, 2, 20261121


@pytest.fixture(scope="module")
def storm(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder: Path = tmp_path_factory.mktemp("storm")
    folder.parent.chmod(0o711)
    return run(kills=KILLS, restarts=RESTARTS, seed=SEED, folder=folder.resolve())


def test_f1_no_kill_of_a_worker_loses_or_doubles_a_row(storm: dict[str, Any]) -> None:
    assert storm["kills"] >= KILLS
    assert {name: storm[name] for name in ("lost", "doubled", "wrong")} == {"lost": 0, "doubled": 0, "wrong": 0}


def test_f1_every_execution_finishes_and_no_finished_stage_runs_again(storm: dict[str, Any]) -> None:
    assert storm["executions"] > 4
    assert (storm["stranded"], storm["not_successful"]) == (0, 0)
    assert storm["recoveries"] > 0, "the kills hit what ran"
    assert storm["finished_stages_run_again"] == 0


def test_f3_postgresql_restarted_mid_run_and_mid_recovery_strands_nothing(storm: dict[str, Any]) -> None:
    assert storm["postgres_restarts"] == RESTARTS
    assert (storm["stranded"], storm["lost"], storm["doubled"]) == (0, 0, 0)

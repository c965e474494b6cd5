"""Programs under supervision: started again when they die, stopped with everything they started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from uzo.local.errors import LocalError
from uzo.local.service import LOG_LIMIT_BYTES, Service, end, marked, rotate, wait_until
from uzo.local.supervisor import FIRST_DELAY, LONGEST_DELAY, Supervisor, next_delay

ROOT = Path(__file__).resolve().parents[3]


def program(name: str, code: str, **more: object) -> Service:
    return Service(name=name, argv=[sys.executable, "-c", textwrap.dedent(code)], **more)  # type: ignore[arg-type]


@pytest.fixture
def notices() -> list[str]:
    return []


@pytest.fixture
def supervisor(tmp_path: Path, notices: list[str]) -> Iterator[Supervisor]:
    with Supervisor(tmp_path, notice=notices.append) as running:
        yield running
    assert marked(tmp_path) == []


def test_a_program_that_dies_is_started_again_and_the_notice_names_its_log(
    supervisor: Supervisor, notices: list[str]
) -> None:
    supervisor.run(program("lighthouse", "import time; time.sleep(60)"))
    first = supervisor.pid("lighthouse")
    os.kill(first, signal.SIGKILL)
    assert wait_until(lambda: supervisor.pid("lighthouse") != first, seconds=10)
    assert psutil.pid_exists(supervisor.pid("lighthouse"))
    [notice] = notices
    assert "lighthouse ended (code -9)" in notice
    assert "lighthouse.log" in notice


def test_what_a_dead_program_had_started_ends_before_it_starts_again(supervisor: Supervisor, tmp_path: Path) -> None:
    started = tmp_path / "children"
    code = f"""
        import subprocess, sys, time
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
        open({str(started)!r}, "a").write(f"{{child.pid}}\\n")
        time.sleep(60)
    """
    supervisor.run(program("harbour", code, ready=started.exists))
    assert wait_until(lambda: bool(started.read_text()), seconds=10)
    child = psutil.Process(int(started.read_text()))
    os.kill(supervisor.pid("harbour"), signal.SIGKILL)
    assert wait_until(lambda: not child.is_running(), seconds=10)


def test_stopping_ends_grandchildren_that_left_the_process_group_and_ignore_the_signal(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    code = f"""
        import subprocess, sys, time
        deaf = {deaf!r} + "open({str(ready)!r}, 'w').close(); time.sleep(60)"
        subprocess.Popen([sys.executable, "-c", deaf], start_new_session=True)
        time.sleep(60)
    """
    with Supervisor(tmp_path) as supervisor:
        supervisor.run(program("pier", code, ready=ready.exists))
        assert len(marked(tmp_path)) == 2
    assert marked(tmp_path) == []


def test_a_program_that_never_gets_ready_fails_with_the_end_of_its_log(supervisor: Supervisor) -> None:
    broken = program("buoy", "raise SystemExit('no chain left')", ready=lambda: False)
    with pytest.raises(LocalError, match="no chain left") as refused:
        supervisor.run(broken)
    assert "buoy.log" in refused.value.remedy


def test_a_known_failure_is_said_in_plain_words(supervisor: Supervisor) -> None:
    known = LocalError("The chart is torn.", remedy="Buy another.")
    broken = program(
        "chart", "print('torn')", ready=lambda: False, explain=lambda log: known if "torn" in log else None
    )
    with pytest.raises(LocalError) as refused:
        supervisor.run(broken)
    assert refused.value is known


def test_a_program_that_is_late_is_given_up(supervisor: Supervisor) -> None:
    slow = program("tide", "import time; time.sleep(60)", ready=lambda: False, start_seconds=0.2)
    with pytest.raises(LocalError, match="did not start in time"):
        supervisor.run(slow)


def test_a_program_that_is_not_there_is_an_error_with_a_remedy(supervisor: Supervisor) -> None:
    with pytest.raises(LocalError, match="cannot be started") as refused:
        supervisor.start(Service(name="ghost", argv=["/no/such/program"]))
    assert refused.value.remedy


def test_what_a_killed_supervisor_left_is_found_by_its_mark_and_ended(tmp_path: Path) -> None:
    code = f"""
import sys, time
from pathlib import Path
from uzo.local.service import Service
from uzo.local.supervisor import Supervisor
wreck = Service(name="wreck", argv=[sys.executable, "-c", "import time; time.sleep(60)"])
Supervisor(Path({str(tmp_path)!r})).run(wreck)
print("started", flush=True)
time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=ROOT) as supervisor:
        assert supervisor.stdout is not None
        assert supervisor.stdout.readline() == "started\n"
        supervisor.kill()
    [left] = marked(tmp_path)
    assert marked(tmp_path, name="wreck") == [left]
    assert marked(tmp_path / "elsewhere") == []
    end([left], seconds=5)
    assert marked(tmp_path) == []


def test_delays_between_starts_double_up_to_a_limit_and_are_forgotten_after_a_calm_time() -> None:
    delay, seen = FIRST_DELAY / 2, []
    for _ in range(9):
        delay = next_delay(delay, ran_seconds=1)
        seen.append(delay)
    assert seen[:4] == [0.5, 1.0, 2.0, 4.0]
    assert seen[-1] == LONGEST_DELAY
    assert next_delay(delay, ran_seconds=120) == FIRST_DELAY


def test_a_log_that_has_grown_large_is_put_aside(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    log.write_bytes(b"x" * (LOG_LIMIT_BYTES + 1))
    rotate(log)
    assert not log.exists()
    assert (tmp_path / "web.log.1").exists()

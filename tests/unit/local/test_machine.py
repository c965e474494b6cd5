"""What the launcher must know of a machine: ports, locks, accounts, files, Node."""

from __future__ import annotations

import json
import os
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from uzo.local import lock, migrations, node, ports, privileges, state, valkey
from uzo.local.databases import Databases
from uzo.local.errors import LocalError

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind((ports.HOST, 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_port_in_use_is_an_error_that_names_the_program_and_another_port(taken_port: int) -> None:
    with pytest.raises(LocalError, match=f"Port {taken_port} is in use") as refused:
        ports.require_free(taken_port, setting="UZO_PORT")
    assert f"process {os.getpid()}" in refused.value.message
    assert "UZO_PORT=" in refused.value.remedy


def test_a_free_port_is_kept_a_taken_or_privileged_one_is_not(taken_port: int) -> None:
    free = ports.free_port()
    assert ports.free_port(free) == free
    assert ports.free_port(taken_port) != taken_port
    assert ports.free_port(1) > 1023


def test_a_second_supervisor_of_a_folder_is_told_of_the_first(tmp_path: Path) -> None:
    code = f"""
import sys, time
from pathlib import Path
from uzo.local.lock import held
with held(Path({str(tmp_path)!r}), url="http://localhost:8000"):
    print("held", flush=True)
    time.sleep(60)
"""
    first = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    try:
        assert first.stdout is not None
        assert first.stdout.readline() == "held\n"
        with pytest.raises(LocalError, match=f"already running here .process {first.pid}") as refused:
            lock.held(tmp_path, url="").__enter__()
        assert "http://localhost:8000" in refused.value.remedy
        assert "make stop" in refused.value.remedy
    finally:
        first.kill()
        first.communicate()
    # The lock file of a killed supervisor is still there, and does not matter.
    assert (tmp_path / lock.LOCK_FILE).exists()
    assert lock.running(tmp_path) is None
    with lock.held(tmp_path, url="http://localhost:8000"):
        pass


def test_the_remembered_addresses_can_be_read_by_us_alone(tmp_path: Path) -> None:
    services = state.Services("postgresql://uzo:secret@127.0.0.1:5000/uzo", "redis://:secret@127.0.0.1:5001/0", 5002)
    state.remember(services, tmp_path / "data")
    assert state.embedded(tmp_path / "data") == services
    assert stat.S_IMODE((tmp_path / "data" / state.STATE_FILE).stat().st_mode) == 0o600
    assert state.embedded(tmp_path) == state.Services()


def test_a_private_file_that_others_could_read_is_replaced_by_one_they_cannot(tmp_path: Path) -> None:
    path = tmp_path / "demo.json"
    path.write_text("{}")
    path.chmod(0o644)
    state.write_private(path, json.dumps({"password": "x"}))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_addresses_of_further_databases_keep_server_and_password() -> None:
    given = Databases("", "", "postgresql://ada:p%40ss@db.example:6000/uzo", "uzo_")
    assert given.url("demo") == "postgresql://ada:p%40ss@db.example:6000/demo"
    assert given.url("demo", user="bo b", password="s/e") == "postgresql://bo%20b:s%2Fe@db.example:6000/demo"
    assert given.address == "db.example:6000"


def test_valkeys_password_stands_in_a_private_file_and_stays_the_same(tmp_path: Path) -> None:
    first, second = valkey.prepare(tmp_path, port=5000), valkey.prepare(tmp_path, port=5001)
    assert first.password == second.password
    config = tmp_path / "valkey" / "valkey.conf"
    assert stat.S_IMODE(config.stat().st_mode) == 0o600
    assert "bind 127.0.0.1" in config.read_text()
    assert first.password not in " ".join(first.service().argv)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another account")
def test_root_gives_postgresql_an_account_that_cannot_enter_a_private_folder(tmp_path: Path) -> None:
    account = privileges.unprivileged()
    assert account is not None
    assert account.uid != 0
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    assert not privileges.can_enter(private, account)
    privileges.give(private, account)
    tmp_path.chmod(0o755)
    tmp_path.parent.chmod(0o755)


@pytest.mark.parametrize(
    ("text", "version"), [("v20.19.1\n", (20, 19)), ("v18.0.0", (18, 0)), ("", (0, 0)), ("node: not found", (0, 0))]
)
def test_versions_of_node_are_read(text: str, version: tuple[int, int]) -> None:
    assert node.parse_version(text) == version


def test_an_old_node_of_the_system_is_passed_over_for_the_wheels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("node", "npm"):
        program = tmp_path / name
        program.write_text("#!/bin/sh\necho v16.20.0\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert node.system_npm() is None
    ran = subprocess.run([*node.wheel_npm(), "--version"], capture_output=True, text=True, check=True)
    assert node.parse_version(ran.stdout) > (9, 0)


def test_the_fingerprint_of_the_schema_changes_with_any_migration(tmp_path: Path) -> None:
    for name in ("requirements/base.txt", "uzo/settings/apps.py", "apps/harbour/migrations/0001_initial.py"):
        path = tmp_path / name
        path.parent.mkdir(parents=True)
        path.write_text("1")
    before = migrations.digest(tmp_path)
    assert migrations.digest(tmp_path) == before
    (tmp_path / "apps/harbour/migrations/0002_berths.py").write_text("2")
    assert migrations.digest(tmp_path) != before


def test_bytecode_is_kept_in_a_place_of_its_own_where_none_is_wished_beside_the_sources(tmp_path: Path) -> None:
    sources, kept = tmp_path / "sources", tmp_path / "kept"
    sources.mkdir()
    (sources / "lantern.py").write_text("LIT = True\n")
    start = (
        "import subprocess, sys; from uzo.local.__main__ import keep_bytecode; keep_bytecode();"
        "subprocess.run([sys.executable, '-c', 'import lantern'], check=True)"
    )
    wishes = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPYCACHEPREFIX": str(kept)}
    env = {**os.environ, **wishes, "PYTHONPATH": f"{ROOT}{os.pathsep}{sources}"}
    subprocess.run([sys.executable, "-c", start], env=env, check=True)
    assert [found.name.split(".")[0] for found in kept.rglob("lantern*.pyc")] == ["lantern"]
    assert [found.name for found in sources.iterdir()] == ["lantern.py"]

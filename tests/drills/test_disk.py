"""The run store's disk is full: a real one, a few megabytes of memory that only the worker's host sees."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.db.executions.office import Office
from tests.drills.conftest import Host
from tests.e2e.client import node

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
DISK_MB = 24
CSV = b"song\n" + (b"heron " * 170 + b"\n") * 1000
OWN_MOUNTS = (
    ["unshare", "--mount", "--propagation", "private"]
    if os.geteuid() == 0
    else ["unshare", "--user", "--map-root-user", "--mount"]
)


def on_a_small_disk(folder: Path) -> list[str]:
    """What to put before a command so that it finds a disk of its own at the folder."""
    mount = f'mount -t tmpfs -o size={DISK_MB}m tmpfs "{folder}" && exec "$@"'
    return [*OWN_MOUNTS, "sh", "-c", mount, "sh"]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("disk")
    if subprocess.run([*on_a_small_disk(folder), "true"], check=False, capture_output=True).returncode:
        pytest.skip("this kernel gives nobody a mount of their own")
    return folder


@pytest.fixture(scope="module")
def environment(environment: dict[str, str], store: Path) -> dict[str, str]:
    return environment | {"UZO_RUN_STORE": str(store)}


@pytest.fixture(scope="module")
def host(hosts: Callable[..., Host], store: Path) -> Host:
    return hosts(within=on_a_small_disk(store))


@pytest.fixture
def songs(office: Office, environment: dict[str, str], settings: Any) -> str:
    """The id of a connector of files with a thousand lines of a kilobyte."""
    from apps.accounts.models import User
    from apps.connectors.services.connectors import create_connector
    from apps.connectors.services.files import store_file

    settings.TENANT_STORAGE = Path(environment["UZO_DATA_DIR"]) / "tenants"

    def create() -> str:
        owner = User.objects.get(is_owner=True)
        connector = create_connector(viewer=owner, name="Songs", connector_type="files", config={})
        store_file(viewer=owner, connector=connector, name="songs.csv", chunks=[CSV])
        return str(connector.pk)

    return str(office.call(create))


def sing(office: Office, connector: str, times: int) -> Any:
    read = node("songs", "connector", "read", connector=connector, table="songs.csv")
    choir = node("choir", "transform", "derive", expressions={"song": f"repeat(song, {times})"})
    return office.until_over(office.start(read, choir), seconds=150)


def test_f11_a_full_disk_fails_the_node_leaves_nothing_half_written_and_the_next_run_works(
    host: Host, office: Office, songs: str, store: Path
) -> None:
    as_the_host_sees_it = Path(f"/proc/{host.process.pid}/root{store}")
    before = sing(office, songs, 2)
    assert (before.status, before.error) == ("success", None)
    child = host.child()

    over = sing(office, songs, 3 * DISK_MB)

    assert (over.status, over.error["code"]) == ("failed", "disk_full")
    assert "room" in over.error["message"]
    assert "run store" in over.error["remedy"]
    assert over.recoveries == 0, "no worker was lost"
    assert os.statvfs(as_the_host_sees_it).f_blocks * os.statvfs(as_the_host_sees_it).f_frsize == DISK_MB * 2**20
    assert list(as_the_host_sees_it.rglob("*.part")) == []
    assert [file for file in as_the_host_sees_it.rglob(f"{over.pk}/*") if file.is_file()] == []

    again = sing(office, songs, 3)
    assert (again.status, again.error) == ("success", None)
    assert host.children() == [child], "its worker lived on"

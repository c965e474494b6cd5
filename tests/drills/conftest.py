"""A tenant with committed rows, and hosts of the warm pool as processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import psutil
import pytest
from django.conf import settings as django_settings
from django.db import connection

from tests.db.conftest import *  # noqa: F403 - the tenants of the database tests are ours, too
from tests.db.executions.conftest import office  # noqa: F401
from tests.drills.host import ROOT, Host
from uzo.local.ports import answers, free_port
from uzo.local.service import wait_until


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None) -> dict[str, str]:
    """The environment of processes that work on the test database."""
    data = tmp_path_factory.mktemp("data")
    database = connection.settings_dict
    address = f"{database['USER']}:{database['PASSWORD']}@{database['HOST']}:{database['PORT']}"
    return {
        **os.environ,
        "DATABASE_URL": f"postgresql://{address}/{database['NAME']}",
        "REDIS_URL": django_settings.REDIS_URL,
        "UZO_DATA_DIR": str(data),
        # Tests of connectors that ran before may have made the vault: the host must be able to open it.
        "UZO_VAULT_KEY_FILE": str(django_settings.VAULT_KEY_FILE),
        "UZO_PREFECT_API_URL": "http://127.0.0.1:9/api",
        "UZO_LOG_LEVEL": "WARNING",
    }


@pytest.fixture(scope="module")
def hosts(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Host]]:
    """Starts hosts; stops those that still run."""
    started: list[Host] = []
    folder = tmp_path_factory.mktemp("hosts")

    def start(*options: str, within: Sequence[str] = ()) -> Host:
        started.append(Host(environment, folder / f"host-{len(started)}.log", *options, within=within))
        return started[-1]

    yield start
    for each in started:
        if each.process.poll() is None:
            each.stop()


class Web:
    """The ASGI server as a process of its own."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        self.port = free_port()
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "uvicorn", "uzo.asgi:application", "--host", "127.0.0.1", "--port",
                 str(self.port), "--log-level", "warning", "--no-access-log", "--ws-per-message-deflate", "false"],
                cwd=ROOT, env=environment | {"UZO_THROTTLE_ANONYMOUS": "6000/min"}, stdout=output,
                stderr=subprocess.STDOUT,
            )  # fmt: skip

    def memory(self) -> int:
        """Bytes that the server holds."""
        return int(psutil.Process(self.process.pid).memory_info().rss)


@pytest.fixture(scope="module")
def web(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    log = tmp_path_factory.mktemp("web") / "web.log"
    server = Web(environment, log)
    if not wait_until(lambda: answers(server.port), seconds=90, pause=0.2):
        raise RuntimeError(f"the server did not start:\n{log.read_text()[-3000:]}")
    yield server
    server.process.terminate()
    try:
        server.process.wait(15)
    except subprocess.TimeoutExpired:  # it says goodbye to a thousand sockets
        server.process.kill()
        server.process.wait(15)

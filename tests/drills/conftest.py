"""A tenant with committed rows, and hosts of the warm pool as processes of their own."""

from __future__ import annotations

import os
import signal
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

ROOT = Path(__file__).parents[2]


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


class Host:
    """One `manage.py run_workers`; `within` is a command that runs it."""

    def __init__(self, environment: dict[str, str], log: Path, *options: str, within: Sequence[str] = ()) -> None:
        self.log = log
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [*within, sys.executable, "manage.py", "run_workers", "--processes", "1", "--previews", "0", *options],
                cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip

    def children(self) -> list[int]:
        """Process ids of the warm children: each leads a session of its own."""
        below = psutil.Process(self.process.pid).children(recursive=True)
        return [each.pid for each in below if os.getsid(each.pid) == each.pid]

    def stop(self) -> None:
        self.process.send_signal(signal.SIGCONT)
        self.process.terminate()
        self.process.wait(15)


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

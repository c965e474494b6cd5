"""Stopping and removing what this data folder holds; starting only its two stores."""

from __future__ import annotations

import os
import shutil
import signal
import threading
from pathlib import Path

from uzo.local import databases as stores
from uzo.local.errors import LocalError
from uzo.local.lock import held, running
from uzo.local.postgres import clear_leftovers as clear_postgres
from uzo.local.progress import say, warn
from uzo.local.run import Stopped, clear_leftovers, stopping_on_signals
from uzo.local.service import wait_until
from uzo.local.supervisor import Supervisor
from uzo.settings.env import ENV

STOP_SECONDS = 60


def services() -> int:
    """Only PostgreSQL and Valkey, until Ctrl-C."""
    data_dir = ENV.uzo_data_dir.resolve()
    with held(data_dir, url=""), stopping_on_signals():
        clear_leftovers(data_dir)
        try:
            with Supervisor(data_dir, notice=warn) as supervisor:
                found = stores.start(supervisor, data_dir, database_url=None, redis_url=None)
                say(f"PostgreSQL: {found.database_url}\nValkey:     {found.redis_url}\nUntil Ctrl-C.")
                threading.Event().wait()
        except Stopped:
            say("\nStopped.")
    return 0


def stop() -> int:
    """Stop the supervisor of this folder if one runs, and whatever a killed one left."""
    data_dir = ENV.uzo_data_dir.resolve()
    other = running(data_dir)
    if other is not None and other["pid"] is not None:
        os.kill(other["pid"], signal.SIGTERM)
        if not wait_until(lambda: running(data_dir) is None, seconds=STOP_SECONDS, pause=0.1):
            raise LocalError(
                f"UZO (process {other['pid']}) does not stop.", remedy=f"End it with: kill -9 {other['pid']}; make stop"
            )
    clear_leftovers(data_dir)
    clear_postgres(data_dir / "postgres" / "data")
    say("Nothing of UZO runs from this folder." if other is None else "UZO has stopped.")
    return 0


def clean() -> int:
    """Remove all data: databases, files, logs, passwords."""
    data_dir = ENV.uzo_data_dir.resolve()
    if running(data_dir) is not None:
        raise LocalError("UZO is running here.", remedy="Stop it first: make stop")
    stop()
    elsewhere = data_dir / "postgres"
    if elsewhere.is_symlink():
        shutil.rmtree(Path(os.readlink(elsewhere)), ignore_errors=True)
    if data_dir.exists():
        shutil.rmtree(data_dir)
    say(f"Removed {data_dir}.")
    return 0

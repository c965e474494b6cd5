"""`make run` and `make demo`: everything, from an empty folder to a workflow that has run."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from uzo.local import databases as stores
from uzo.local import migrations
from uzo.local.databases import Databases
from uzo.local.demo import databases as demo_databases
from uzo.local.demo import people, provisioning, show
from uzo.local.demo.people import Cast
from uzo.local.lock import held
from uzo.local.ports import free_port, require_free
from uzo.local.postgres import ensure_database
from uzo.local.progress import say, step, warn
from uzo.local.service import end, marked
from uzo.local.stack import PREFECT_DATABASE, ROOT, Stack
from uzo.local.state import Services, embedded, remember
from uzo.local.supervisor import Supervisor
from uzo.settings.env import ENV


class Stopped(BaseException):
    """Somebody asked us to stop: Ctrl-C, or SIGTERM."""


@contextmanager
def stopping_on_signals() -> Iterator[None]:
    """Turn the first signal into `Stopped`; later ones must not interrupt the stopping itself."""

    def stop(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(each, signal.SIG_IGN)
        raise Stopped

    before = {each: signal.signal(each, stop) for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def run(*, serve: bool) -> int:
    """Start everything, run the sample once, and serve until stopped if wished. Answers the exit code."""
    data_dir = ENV.uzo_data_dir.resolve()
    url = f"http://localhost:{ENV.uzo_port}"
    with held(data_dir, url=url), stopping_on_signals():
        clear_leftovers(data_dir)
        require_free(ENV.uzo_port, setting="UZO_PORT")
        say(f"Starting UZO. Data and logs: {data_dir}")
        try:
            with Supervisor(data_dir, notice=warn) as supervisor:
                _start(supervisor, data_dir, url)
                if serve:
                    say(f"\nServing {url} until Ctrl-C.")
                    threading.Event().wait()
                say("\nStopping.")
        except Stopped:
            say("\nStopped.")
            return 0 if serve else 130
    return 0


def clear_leftovers(data_dir: Path) -> None:
    """End what a killed supervisor of this folder left running."""
    left = marked(data_dir)
    if left:
        with step(f"Ending {len(left)} programs that a killed UZO left"):
            end(left, seconds=10)


def _start(supervisor: Supervisor, data_dir: Path, url: str) -> None:
    databases = stores.start(
        supervisor,
        data_dir,
        database_url=ENV.database_url.get_secret_value() if ENV.database_url else None,
        redis_url=ENV.redis_url.get_secret_value() if ENV.redis_url else None,
    )
    stack = make_stack(data_dir, databases)
    ensure_database(databases.admin_url, f"{databases.prefix}{PREFECT_DATABASE}")
    cast = people.cast(data_dir, operator_host=ENV.uzo_operator_host)
    prefect, programs = stack.prefect(), (stack.workers(), stack.web())
    supervisor.start(prefect)
    before = migrations.read(databases.database_url)
    wanted = migrations.Stamp(migrations.digest(), cast.digest())
    current = before.schema == wanted.schema
    if current:  # then nothing has to wait for the database
        supervisor.start(*programs)
    with ThreadPoolExecutor() as beside:
        loading = beside.submit(_load, databases, data_dir, cast)
        if before != wanted:
            with step("Preparing the database: schema, tenants, people"):
                provisioning.run(stack, cast, migrate=not current)
                migrations.write(databases.database_url, wanted)
        loading.result()
    with step("Starting the web server and the workers"):
        if not current:
            supervisor.start(*programs)
        supervisor.wait(*programs)
    show.demo(stack, cast, url)
    stack.mail_dir.mkdir(mode=0o700, exist_ok=True)  # links in mail are as good as passwords
    supervisor.start(stack.periodic())  # nobody waits for it
    with step("Waiting for the Prefect server"):
        supervisor.wait(prefect)


def make_stack(data_dir: Path, databases: Databases) -> Stack:
    """The stack on these databases; ports are those of the last start where they are free."""
    prefect_port = free_port(embedded(data_dir).prefect_port)
    remember(Services(databases.database_url, databases.redis_url, prefect_port), data_dir)
    (ROOT / "staticfiles").mkdir(exist_ok=True)  # WhiteNoise warns where it is missing
    allowed = [each.strip() for each in ENV.uzo_egress_allow.split(",") if each.strip()]
    chosen = {"throttle_anonymous": ENV.uzo_throttle_anonymous} if _is_set("uzo_throttle_anonymous") else {}
    return Stack(
        **chosen,
        data_dir=data_dir,
        databases=databases,
        web_port=ENV.uzo_port,
        prefect_port=prefect_port,
        egress_allow=tuple(dict.fromkeys([*allowed, databases.address])),
    )


def _is_set(setting: str) -> bool:
    return setting in ENV.model_fields_set


def _load(databases: Databases, data_dir: Path, cast: Cast) -> None:
    with step("Loading the demo's databases"):
        demo_databases.load(databases, data_dir, [tenant.key for tenant in cast.tenants])

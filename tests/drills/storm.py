"""The storm: executions run while workers, hosts and servers are killed at random moments.

`python -m tests.drills` starts the servers and then this, in an environment that points to them.
"""

from __future__ import annotations

import json
import os
import random
import signal
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import django

T = TypeVar("T")
AT_ONCE = 3
HOSTS = 2
CHILDREN = 2
BETWEEN_KILLS = (0.3, 1.3)
HOST_SHARE = 0.15
CALM_SECONDS = 120.0


@dataclass
class Log:
    """What happened. Seconds from a kill until what it stopped goes on, or is over."""

    kills: int = 0
    host_kills: int = 0
    postgres_restarts: int = 0
    valkey_kills: int = 0
    executions: int = 0
    stranded: int = 0
    not_successful: list[str] = field(default_factory=list)
    repeated_finished: int = 0
    rerun_stages: int = 0
    recoveries: list[float] = field(default_factory=list)
    postgres_recoveries: list[float] = field(default_factory=list)


class Storm:
    """Keeps some executions under way, kills, watches, and counts in the end."""

    def __init__(self, options: dict[str, Any]) -> None:
        from tests.drills.voyages import Tally

        self.kills: int = options["kills"]
        self.restarts: int = options["restarts"]
        self.random = random.Random(options["seed"])
        self.data_dir = Path(os.environ["UZO_DATA_DIR"])
        self.target = options["target"]
        self.log = Log()
        self.tally = Tally()
        self.hosts: list[Any] = []
        self.runs: dict[Any, tuple[int, Any]] = {}
        self.fences: dict[Any, int] = {}
        self.stages: dict[tuple[Any, str], int] = {}
        self.failed: set[Any] = set()
        self.hit: dict[Any, tuple[float, int]] = {}
        self.waiting_for_postgres: dict[Any, float] = {}
        self._started = 0

    # Preparing

    def prepare(self) -> None:
        """A tenant with its connector and workflows, and warm hosts."""
        from django.core.management import call_command
        from django.db import connection

        from apps.accounts.models import User
        from apps.tenants.services import provision
        from apps.vault.services import ensure_initialised

        call_command("migrate_schemas", interactive=False, verbosity=0)
        ensure_initialised()
        tenant = provision(name="Harbour", host="drill.example", plan_key="enterprise")
        connection.set_tenant(tenant)
        from apps.accounts.models import Role

        self.owner = User.objects.create_user(
            "olive@drill.example", "seven blue herons", name="Olive", is_owner=True, role=Role.objects.get(name="owner")
        )
        self._make_workflows()
        for _ in range(HOSTS):
            self._start_host()

    def _make_workflows(self) -> None:
        from apps.connectors.services.connectors import create_connector
        from apps.workflows.services.saving import create_workflow
        from apps.workspaces.services.folders import create_folder
        from apps.workspaces.services.jobs import create_job
        from apps.workspaces.services.workspaces import create_workspace
        from tests.drills.voyages import voyages

        parts = urlsplit(self.target)
        connector = create_connector(
            viewer=self.owner,
            name="Quay",
            connector_type="postgresql",
            config={
                "host": "127.0.0.1", "port": parts.port, "database": parts.path.lstrip("/"),
                "username": parts.username, "password": parts.password, "sslmode": "disable",
            },
        )  # fmt: skip
        folder = create_folder(workspace=create_workspace(by=self.owner, name="Sea"), by=self.owner, name="Storm")
        job = create_job(folder=folder, by=self.owner, name="Nightly")
        self.workflows = []
        for voyage in voyages(str(connector.pk)):
            saved = create_workflow(
                job=job, by=self.owner, name=voyage.name, diagram=voyage.drawn,
                parameters={"run": {"type": "int64"}},
            )  # fmt: skip
            self.workflows.append((voyage, saved.workflow))

    def _start_host(self) -> None:
        from tests.drills.host import Host

        log = self.data_dir / "logs" / f"host-{len(list((self.data_dir / 'logs').iterdir()))}.log"
        self.hosts.append(Host(os.environ, log, "--processes", str(CHILDREN)))

    # Running

    def rage(self) -> None:
        """Kill as often as asked, then let everything end. Some kills meet a recovery; while all that runs waits
        for a worker there is nobody to kill."""
        self._warm_up()
        restarts = set(self.random.sample(range(self.kills), min(self.restarts, self.kills)))
        next_kill = time.monotonic() + self.random.uniform(*BETWEEN_KILLS)
        while self.log.kills < self.kills:
            self._look()
            self._keep_busy()
            if time.monotonic() >= next_kill and len(self.hit) < AT_ONCE - 1 and self._kill():
                if self.log.kills - 1 in restarts:  # so that a recovery is under way
                    time.sleep(self.random.uniform(0, 1.5))
                    self._restart_a_server()
                next_kill = time.monotonic() + self.random.uniform(*BETWEEN_KILLS)
            time.sleep(0.05)
        end = time.monotonic() + CALM_SECONDS
        while self._look() and time.monotonic() < end:
            time.sleep(0.1)

    def _warm_up(self) -> None:
        """One run of each workflow in calm weather, which also warms the hosts."""
        for index in range(len(self.workflows)):
            self._start(index)
        end = time.monotonic() + CALM_SECONDS
        while self._look() and time.monotonic() < end:
            time.sleep(0.1)

    def _keep_busy(self) -> None:
        while len(self.fences) < AT_ONCE:
            self._start(self.random.randrange(len(self.workflows)))

    def _start(self, index: int) -> None:
        from apps.executions.services import start_execution

        voyage, workflow = self.workflows[index]
        self._started += 1
        run = self._started
        execution = self._steadily(
            lambda: start_execution(viewer=self.owner, workflow_id=workflow.pk, parameters={"run": run})
        )
        self.runs[execution.pk] = (run, voyage)
        self.fences[execution.pk] = 0

    def _look(self) -> int:
        """See what became of the executions under way; answers how many there are."""
        from apps.executions.models import StageResult, WorkflowExecution

        def rows() -> tuple[Any, Any]:
            found = WorkflowExecution.objects.filter(pk__in=list(self.fences))
            stages = StageResult.objects.filter(execution_id__in=list(self.fences))
            return (
                list(found.values_list("pk", "status", "fence", "lease_owner", "error")),
                list(stages.values_list("execution_id", "stage_id", "fence")),
            )

        executions, stages = self._steadily(rows)
        now = time.monotonic()
        for execution_id, stage_id, fence in stages:
            before = self.stages.setdefault((execution_id, stage_id), fence)
            if before != fence:
                self.log.repeated_finished += 1
                self.stages[execution_id, stage_id] = fence
            if execution_id in self.waiting_for_postgres and before == fence and self._is_new(execution_id, stage_id):
                self._goes_on(execution_id, now)
        self.owners = {pk: owner for pk, status, _, owner, _ in executions if status == "running" and owner}
        for pk, status, fence, _, error in executions:
            over = status in ("success", "failed", "cancelled")
            killed = self.hit.get(pk)
            if killed is not None and (fence > killed[1] or over):
                if fence > killed[1]:  # otherwise it was not that child which had it
                    self.log.recoveries.append(now - killed[0])
                del self.hit[pk]
            if fence > self.fences[pk] or over or status == "paused":
                self._goes_on(pk, now)
            self.fences[pk] = fence
            if over:
                del self.fences[pk]
                if status != "success":
                    self.failed.add(pk)
                    self.log.not_successful.append(f"{self.runs[pk][1].name}: {(error or {}).get('code', status)}")
        return len(self.fences)

    def _is_new(self, execution_id: Any, stage_id: str) -> bool:
        return (execution_id, stage_id) not in self._known_stages

    def _goes_on(self, execution_id: Any, now: float) -> None:
        began = self.waiting_for_postgres.pop(execution_id, None)
        if began is not None:
            self.log.postgres_recoveries.append(now - began)

    # Killing

    def _kill(self) -> bool:
        """Kill a child that has an execution, or its whole host; False where nobody has one now. A host is killed
        while all are warm: two at once would measure how fast Python imports."""
        from redis.exceptions import RedisError

        from apps.executions import heartbeat

        living = {host.process.pid: host for host in self.hosts}
        try:
            told = [each for each in heartbeat.hosts() if each.pid in living and not each.silent]
        except RedisError:
            return False
        children = {child.name: (each.pid, child.pid) for each in told for child in each.children}
        busy = sorted(pk for pk, owner in self.owners.items() if owner in children)
        if not busy:
            return False
        victim = self.random.choice(busy)
        host_pid, child_pid = children[self.owners[victim]]
        host = living[host_pid]
        at = time.monotonic()
        all_warm = len(told) == HOSTS and all(child.ready for each in told for child in each.children)
        if all_warm and self.random.random() < HOST_SHARE:
            stopped = [pk for pk in busy if children[self.owners[pk]][0] == host_pid]
            host.kill()
            self.hosts.remove(host)
            self._start_host()
            self.log.host_kills += 1
        elif child_pid in host.children():
            stopped = [victim]
            host.kill_child(child_pid)
        else:
            return False  # it was replaced since the host told of it
        self.log.kills += 1
        for pk in stopped:
            self.hit.setdefault(pk, (at, self.fences.get(pk, 0)))
        return True

    def _restart_a_server(self) -> None:
        """PostgreSQL as by `pg_ctl restart -m immediate`, every third time Valkey by -9; the supervisor starts
        either again."""
        from uzo.local.service import marked

        if (self.log.postgres_restarts + self.log.valkey_kills) % 3 == 2:
            for process in marked(self.data_dir, name="valkey"):
                process.kill()
            self.log.valkey_kills += 1
            return
        pid = int((self.data_dir / "postgres" / "data" / "postmaster.pid").read_text().split()[0])
        self._known_stages = set(self.stages)
        os.kill(pid, signal.SIGQUIT)
        self.log.postgres_restarts += 1
        for pk in self.owners:
            self.waiting_for_postgres.setdefault(pk, time.monotonic())
        for pk, (killed_at, _) in self.hit.items():  # it waits for both, from the first on
            self.waiting_for_postgres[pk] = killed_at
        self.hit.clear()

    _known_stages: set[tuple[Any, str]] = set()
    owners: dict[Any, str] = {}

    def _steadily(self, act: Callable[[], T]) -> T:
        """Do it, again and again while the database is away. What had been committed nevertheless is one more
        execution, and stays out of the count of rows."""
        from django.db import InterfaceError, OperationalError, connection

        end = time.monotonic() + 60
        while True:
            try:
                return act()
            except (OperationalError, InterfaceError):
                if time.monotonic() > end:
                    raise
                connection.close()
                time.sleep(0.2)

    # Counting

    def count(self) -> dict[str, Any]:
        """What is left after the storm."""
        import psycopg
        from django.db.models import Max

        from apps.executions.models import NodeExecution

        self.log.stranded = len(self.fences)
        self.log.executions = len(self.runs)
        with psycopg.connect(self.target) as connection:
            for pk, (run, voyage) in self.runs.items():
                if pk in self.failed:
                    self.tally.count_failed(connection, run, voyage)
                elif pk not in self.fences:
                    self.tally.count(connection, run, voyage)
        tried = NodeExecution.objects.filter(execution_id__in=list(self.runs), attempt__gt=1)
        self.log.rerun_stages = sum(
            most - 1
            for most in tried.values("execution_id").annotate(most=Max("attempt")).values_list("most", flat=True)
        )
        return {
            "kills": self.log.kills,
            "lost": self.tally.lost,
            "doubled": self.tally.doubled,
            "stranded": self.log.stranded,
            "rerun_stages": self.log.rerun_stages,
            "recovery_p50_s": _percentile(self.log.recoveries, 50),
            "recovery_p95_s": _percentile(self.log.recoveries, 95),
            "wrong": self.tally.wrong,
            "not_successful": len(self.log.not_successful),
            "why_not": sorted(self.log.not_successful),
            "finished_stages_run_again": self.log.repeated_finished,
            "executions": self.log.executions,
            "host_kills": self.log.host_kills,
            "recoveries": len(self.log.recoveries),
            "postgres_restarts": self.log.postgres_restarts,
            "postgres_recovery_p95_s": _percentile(self.log.postgres_recoveries, 95),
            "valkey_kills": self.log.valkey_kills,
        }

    def close(self) -> None:
        for host in self.hosts:
            host.stop()


def _percentile(seconds: list[float], percent: int) -> float | None:
    if not seconds:
        return None
    if len(seconds) == 1:
        return round(seconds[0], 2)
    return round(statistics.quantiles(seconds, n=100, method="inclusive")[percent - 1], 2)


def main() -> None:
    options = json.loads(sys.stdin.read())
    django.setup()
    storm = Storm(options)
    try:
        storm.prepare()
        began = time.monotonic()
        storm.rage()
        result = {**storm.count(), "seconds": round(time.monotonic() - began, 1), "seed": options["seed"]}
    finally:
        storm.close()
    sys.stdout.write(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()

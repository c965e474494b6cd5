"""F1 in a loop: workers killed between and within its iterations, which write into a real table."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from django.db import connection

from tests.db.executions.office import Office
from tests.drills.conftest import Host
from tests.e2e.client import diagram, edge, node

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.timeout(600)]
ROWS, KILLS, SEED = 16, 4, 20261121
SCHEMA = "drilled_loops"


@pytest.fixture(scope="module")
def quay(environment: dict[str, str]) -> Iterator[psycopg.Connection[Any]]:
    """Sixteen crates to move, and an empty quay; in the test database, which hosts may reach."""
    with psycopg.connect(environment["DATABASE_URL"], autocommit=True) as opened:
        opened.execute(f"drop schema if exists {SCHEMA} cascade")
        opened.execute(f"create schema {SCHEMA}")
        opened.execute(f"create table {SCHEMA}.crates (id int primary key, tons bigint not null)")
        opened.execute(f"insert into {SCHEMA}.crates select n, n * 3 from generate_series(1, {ROWS}) n")
        opened.execute(f"create table {SCHEMA}.landed (id int, tons bigint)")
        yield opened
        opened.execute(f"drop schema {SCHEMA} cascade")


@pytest.fixture(scope="module")
def environment(environment: dict[str, str]) -> dict[str, str]:
    database = urlsplit(environment["DATABASE_URL"])
    return environment | {"UZO_EGRESS_ALLOW": f"{database.hostname}:{database.port}"}


@pytest.fixture(scope="module")
def host(hosts: Callable[..., Host]) -> Host:
    return hosts()


def start_moving(concurrency: int) -> Any:
    """For each crate: wait a moment, then write it to the quay."""
    from apps.accounts.models import User
    from apps.connectors.services.connectors import create_connector
    from apps.executions.services import start_execution
    from tests.db.executions.office import saved

    database = connection.settings_dict
    crane = create_connector(
        viewer=User.objects.get(is_owner=True),
        name="Crane",
        connector_type="postgresql",
        config={
            "host": database["HOST"], "port": int(database["PORT"]), "database": database["NAME"],
            "username": database["USER"], "password": database["PASSWORD"], "sslmode": "disable",
        },
    )  # fmt: skip
    workflow, owner = saved(*crossing(str(crane.pk), concurrency))
    return start_execution(viewer=owner, workflow_id=workflow.pk)


def crossing(crane: str, concurrency: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    drawn = diagram(
        [
            node("crates", "connector", "read", connector=crane, table=f"{SCHEMA}.crates"),
            node("each", "control", "for_each", collect="land", concurrency=concurrency),
            node("swing", "control", "wait", seconds=0.3),
            node("land", "connector", "write", connector=crane, table=f"{SCHEMA}.landed", mode="append"),
        ],
        [edge("crates", "each"), edge("each", "swing", "each"), edge("swing", "land")],
    )
    return drawn["nodes"], drawn["edges"]


def iterations(execution: Any) -> dict[int, Any]:
    """When each iteration that succeeded was finished."""
    from apps.executions.models import LoopIteration

    rows = LoopIteration.objects.filter(execution=execution, status="success")
    return dict(rows.values_list("number", "finished_at"))


@pytest.mark.parametrize("concurrency", [1, 3])
def test_f1_no_finished_iteration_runs_again_and_no_row_is_lost_or_doubled(
    host: Host, office: Office, quay: psycopg.Connection[Any], concurrency: int
) -> None:
    luck = random.Random(SEED + concurrency)
    quay.execute(f"truncate {SCHEMA}.landed")
    warm = office.start(node("warm", "control", "wait", seconds=0))
    assert office.until_over(warm, seconds=150).status == "success"
    execution = office.call(start_moving, concurrency)
    finished: dict[int, Any] = {}
    for kill in range(KILLS):
        wanted = (kill + 1) * (ROWS // (KILLS + 2))
        office.until(execution, lambda _, wanted=wanted: len(office.call(iterations, execution)) >= wanted, seconds=120)
        child = host.child()
        time.sleep(luck.uniform(0, 0.4))
        before = office.call(iterations, execution)
        assert before.items() >= finished.items()
        finished = before
        host.kill_child(child)
    over = office.until_over(execution, seconds=150)
    assert (over.status, over.error) == ("success", None)
    assert over.fence > 2, "kills hit it while it ran; the last ones may come too late"
    after = office.call(iterations, execution)
    assert after.items() >= finished.items(), "an iteration that was finished ran again"
    assert sorted(after) == list(range(ROWS))
    landed = quay.execute(f"select id, tons from {SCHEMA}.landed order by id").fetchall()
    assert landed == [(n, n * 3) for n in range(1, ROWS + 1)]

"""Rows, values, errors and logs of a megabyte: none of it lies in PostgreSQL or Redis, only in the run store."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from apps.connectors.services.files import store_file
from apps.executions import services
from apps.kernel.redis import client
from tests.db.executions.conftest import chain
from tests.e2e.client import node

Make = Callable[..., Any]
MOST = 65_536
LONG = "heron " * 200_000
SHORT = {"name": "short", "expression": "verse > 1"}


@pytest.fixture(autouse=True)
def no_hurry(settings: Any) -> None:
    """Whoever renews the lease does not see into the test's transaction."""
    settings.EXECUTION_LEASE_SECONDS = 600


@pytest.fixture
def song(quays: Any, owner: Any) -> dict[str, Any]:
    """A read of one row of a megabyte."""
    store_file(viewer=owner, connector=quays, name="song.csv", chunks=[f"song,verse\n{LONG},1\n".encode()])
    return node("song", "connector", "read", connector=str(quays.pk), table="song.csv")


def too_large_rows() -> list[str]:
    """Rows of the tenant's tables about executions that are larger than run data may be there; plans and diagrams
    are none."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = %s", [connection.schema_name]
        )
        tables = [name for (name,) in cursor.fetchall() if name.startswith(("executions_", "audit_", "realtime_"))]
        found = []
        for table in tables:
            cursor.execute(f"SELECT max(octet_length((to_jsonb(t) - 'plan')::text)) FROM \"{table}\" t")
            if (size := cursor.fetchone()[0]) is not None and size > MOST:
                found.append(f"{table}: {size:,}")
    assert "executions_stageresult" in tables
    return found


def too_large_keys() -> list[str]:
    """Entries of Redis, the parts of streams, lists and hashes one by one, that are larger."""
    redis: Any = client()
    found = []
    for key in redis.scan_iter("*"):
        match redis.type(key):
            case b"stream":
                parts = [value for _, fields in redis.xrange(key) for value in fields.values()]
            case b"hash":
                parts = list(redis.hgetall(key).values())
            case b"list":
                parts = redis.lrange(key, 0, -1)
            case b"string":
                parts = [redis.get(key)]
            case _:
                parts = []
        found += [f"{key!r}: {len(part):,}" for part in parts if len(part) > MOST]
    return found


@pytest.mark.parametrize(
    ("last", "status"),
    [
        (node("kept", "transform", "derive", expressions={"twice": "song || song"}), "success"),
        (node("wrong", "transform", "cast", types={"song": "int64"}), "failed"),
        (node("checked", "transform", "check", rules=[SHORT], onFail="warn"), "success"),
        (node("said", "control", "fail", message="{{ verse }}"), "failed"),
    ],
    ids=["rows", "an error", "warnings", "what a person says"],
)  # fmt: skip
def test_nothing_that_is_large_leaves_the_run_store(
    song: dict[str, Any],
    workflow_of: Make,
    owner: Any,
    work: Make,
    run_folder: Path,
    last: dict[str, Any],
    status: str,
    django_capture_on_commit_callbacks: Any,
) -> None:
    parameters = {"verse": {"type": "string", "default": "short"}}
    workflow = workflow_of(*chain(song, last), parameters=parameters)
    with django_capture_on_commit_callbacks(execute=True):
        execution = services.start_execution(viewer=owner, workflow_id=workflow.pk)
    with django_capture_on_commit_callbacks(execute=True):
        execution = work(execution)
    assert execution.status == status, execution.error
    with django_capture_on_commit_callbacks(execute=True):
        preview = work(services.start_preview(viewer=owner, workflow_id=workflow.pk, node_id="song"))
    assert preview.status == "success"
    assert max(path.stat().st_size for path in run_folder.rglob("*.arrow")) > len(LONG), "it was large"
    assert too_large_rows() == []
    assert too_large_keys() == []


def test_a_value_that_is_large_is_not_made_a_variable(
    song: dict[str, Any], workflow_of: Make, owner: Any, work: Make
) -> None:
    pick = node("pick", "transform", "select", columns=["song"])
    name_it = node("named", "control", "set_variable", name="text", expression="upper({{ pick }})")
    workflow = workflow_of(*chain(song, pick, name_it))
    execution = work(services.start_execution(viewer=owner, workflow_id=workflow.pk))
    assert (execution.status, execution.error["code"]) == ("failed", "value_too_large")
    assert too_large_rows() == []

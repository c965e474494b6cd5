"""A tenant with a hundred thousand workflows: rows copied in the database from one that the API made."""

from __future__ import annotations

from collections.abc import Mapping

import psycopg
from psycopg import sql

from tests.bench.stack import Bench
from tests.e2e.client import diagram, edge, node

WORKFLOWS = 100_000
JOBS = 200
LARGE_SHARE = 2
"""One job has every second workflow, the others share the rest."""
FOLDER = "Archive"
COPIES = """\
INSERT INTO copies
SELECT n, uuidv7(), uuidv7(),
       all_jobs[CASE WHEN n %% %(share)s = 0 THEN 1 ELSE 2 + n %% (cardinality(all_jobs) - 1) END]
FROM generate_series(1, %(count)s) AS n, (SELECT %(jobs)s::uuid[] AS all_jobs)"""


def fill(bench: Bench) -> list[str]:
    """Make sure that the demo workspace has them; answers the ids of the jobs, the large one first."""
    owner = bench.owner
    workspace = owner.get("workspaces", search="New York flights")["results"][0]["id"]
    found = owner.get(f"workspaces/{workspace}/folders", search=FOLDER)["results"]
    if found:
        made = owner.get(f"folders/{found[0]['id']}/jobs", ordering="created_at", page_size=200)["results"]
        jobs = [job["id"] for job in made]
        if owner.get(f"jobs/{jobs[0]}/workflows", page_size=1)["count"] >= WORKFLOWS / LARGE_SHARE:
            return jobs
    folder = owner.post(f"workspaces/{workspace}/folders", {"name": FOLDER})["id"]
    jobs = [owner.post(f"folders/{folder}/jobs", {"name": f"Job {number:03}"})["id"] for number in range(JOBS)]
    drawn = diagram(
        [
            node("pause", "control", "wait", seconds=0),
            node("flights", "connector", "read", connector=bench.demo["demo_connector_id"], table="flights"),
            node("late", "transform", "filter", expression="dep_delay > 15"),
        ],
        [edge("flights", "late")],
    )
    prototype = owner.post(f"jobs/{jobs[0]}/workflows", {"name": "Prototype", "workflow_diagram": drawn})["id"]
    with psycopg.connect(bench.database_url) as connection:
        _copy(connection, prototype, jobs)
    with psycopg.connect(bench.database_url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
    return jobs


def _copy(connection: psycopg.Connection[tuple[object, ...]], prototype: str, jobs: list[str]) -> None:
    schema = connection.execute(
        "SELECT schema_name FROM tenants_subscription s JOIN tenants_domain d ON d.tenant_id = s.id "
        "WHERE d.domain = 'localhost'"
    ).fetchone()
    assert schema is not None
    connection.execute(sql.SQL("SET search_path TO {}, public").format(sql.Identifier(str(schema[0]))))
    connection.execute("CREATE TEMP TABLE copies (n int, workflow uuid, version uuid, job uuid)")
    connection.execute(COPIES, {"jobs": jobs, "share": LARGE_SHARE, "count": WORKFLOWS})
    _insert(connection, "workflows_workflow", "id", prototype, {
        "id": "c.workflow", "job_id": "c.job", "name": "'Workflow ' || c.n",
    })  # fmt: skip
    _insert(connection, "workflows_workflowversion", "workflow_id", prototype, {
        "id": "c.version", "workflow_id": "c.workflow",
    })  # fmt: skip
    _insert(connection, "workflows_workflownode", "workflow_id", prototype, {
        "id": None, "workflow_id": "c.workflow",
    })  # fmt: skip


def _insert(
    connection: psycopg.Connection[tuple[object, ...]],
    table: str,
    key: str,
    prototype: str,
    changed: Mapping[str, str | None],
) -> None:
    """Copy the prototype's rows of a table once for each copy; `changed` columns are given by an
    expression over `c`, the copy, or (None) left to their default. New columns need no word here."""
    rows = connection.execute(
        "SELECT column_name FROM information_schema.columns "
        "WHERE table_schema = current_schema() AND table_name = %s AND is_generated = 'NEVER'",
        [table],
    )
    columns = [str(row[0]) for row in rows if changed.get(str(row[0]), "") is not None]
    values = [
        sql.SQL(changed[column] or "") if column in changed else sql.Identifier("p", column)  # type: ignore[arg-type]
        for column in columns
    ]
    connection.execute(
        sql.SQL("INSERT INTO {} ({}) SELECT {} FROM copies c, {} p WHERE p.{} = %s").format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, columns)),
            sql.SQL(", ").join(values),
            sql.Identifier(table),
            sql.Identifier(key),
        ),
        [prototype],
    )

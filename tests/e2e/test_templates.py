"""Every template, copied by one call and run on the demo's data; what comes out is what DuckDB says of the same files.

They are copied and started all at once, and each test looks at one of them.
"""

from __future__ import annotations

import math
import time
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest

from apps.workflows.gallery import templates
from tests.e2e.client import Uzo
from uzo.local.demo import flights

ENOUGH = 180
MONTHS = ", ".join(f"avg(dep_delay) FILTER (month = {month})" for month in range(1, 13))

# Template → node → the rows that must come out of it, as SQL over the public CSV files (and over what the demo calls
# messages). Rows are compared without their order, which the diagrams' last node decides.
EXPECTED: dict[str, dict[str, str]] = {
    "late-flights-by-airline": {
        "worst_first": """
            SELECT carrier, count(*), avg((arr_delay > 15)::int), avg(arr_delay), any_value(name)
            FROM flights JOIN airlines USING (carrier) WHERE arr_delay IS NOT NULL GROUP BY carrier""",
    },
    "weather-and-delays": {
        "worst_first": """
            SELECT CASE WHEN visib IS NULL OR time_hour - reported_at > INTERVAL 1 HOUR THEN 'unknown'
                        WHEN precip > 0 AND visib < 3 THEN 'heavy rain or snow' WHEN precip > 0 THEN 'rain or snow'
                        WHEN visib < 3 THEN 'fog' WHEN wind_speed > 25 THEN 'strong wind' ELSE 'fair' END AS weather,
                   count(*), avg(dep_delay), quantile_cont(dep_delay, 0.9)
            FROM (SELECT origin, time_hour, dep_delay FROM flights WHERE dep_delay IS NOT NULL) f
            ASOF LEFT JOIN (SELECT origin, time_hour AS reported_at, wind_speed, precip, visib FROM weather) w
                 ON f.origin = w.origin AND f.time_hour >= w.reported_at
            GROUP BY 1""",
    },
    "busiest-routes": {
        "ordered": """
            SELECT r.*, a.name FROM (
                SELECT origin, dest, count(*) AS flights,
                       rank() OVER (PARTITION BY origin ORDER BY count(*) DESC) AS place
                FROM flights GROUP BY origin, dest QUALIFY place <= 5
            ) r LEFT JOIN airports a ON a.faa = r.dest""",
    },
    "quarantine-bad-rows": {
        "per_airline": """
            SELECT carrier, count(*), avg(arr_delay) FROM flights WHERE month = 1 AND arr_delay IS NOT NULL
            AND (air_time IS NULL OR distance / (air_time / 60) BETWEEN 100 AND 600) GROUP BY carrier""",
        "per_reason": """
            SELECT reason, count(*) FROM (
                SELECT unnest(list_filter([
                    CASE WHEN arr_delay IS NULL THEN 'arrived' END,
                    CASE WHEN distance / (air_time / 60) NOT BETWEEN 100 AND 600 THEN 'possible speed' END
                ], lambda reason: reason IS NOT NULL)) AS reason FROM flights WHERE month = 1
            ) GROUP BY reason""",
    },
    "report-for-each-airport": {
        "all_reports": """
            SELECT origin, dest, count(*), avg(arr_delay) FROM flights WHERE arr_delay IS NOT NULL
            GROUP BY origin, dest""",
    },
    "approval-before-writing": {
        "publish": """
            SELECT year, month, day, count(*) FROM flights WHERE dep_time IS NULL GROUP BY ALL
            ORDER BY count(*) DESC, month, day LIMIT 10""",
    },
    "seasons-by-choice": {
        "per_airline": """
            SELECT carrier, count(*), avg(dep_delay) FROM flights WHERE dep_delay IS NOT NULL AND month IN (6, 7, 8)
            GROUP BY carrier""",
    },
    "incremental-upsert": {
        "load": """
            SELECT make_date(year, month, day), origin, count(*), avg(dep_delay) FROM flights
            WHERE month = 12 GROUP BY ALL""",
    },
    "delays-by-month": {
        "ordered": f"""
        SELECT carrier, {MONTHS}, any_value(name) FROM flights JOIN airlines USING (carrier) GROUP BY carrier"""
    },
    "read-json-messages": {
        "per_airline": """
            SELECT payload->>'$.flight.carrier' AS carrier, count(*), avg((payload->>'$.delay.arrival')::int)
            FROM messages WHERE json_valid(payload) GROUP BY 1""",
        "broken": "SELECT event_id, received_at, payload FROM messages WHERE NOT json_valid(payload)",
    },
    "remove-duplicates": {
        "clean": """
            SELECT event_id, received_at, payload FROM messages
            QUALIFY row_number() OVER (PARTITION BY event_id ORDER BY received_at DESC) = 1""",
        "how_often": """
            SELECT deliveries, count(*) FROM (SELECT count(*) AS deliveries FROM messages GROUP BY event_id)
            GROUP BY deliveries""",
    },
    "compare-airports": {
        "ordered": """
            SELECT origin, count(*), count(*) - count(dep_delay), avg(dep_delay), count(DISTINCT dest) FROM flights
            WHERE origin IN ('JFK', 'LGA') GROUP BY origin""",
    },
    "go-on-after-an-error": {"incidents": "SELECT 'plausible', 'check_failed'"},
    "file-to-table": {
        "load": "SELECT faa, name, lat, lon, alt, tz, dst, tzone FROM airports",
    },
    "excel-report": {
        "report": """
            SELECT month, carrier, count(*), count(*) - count(dep_delay), round(avg(dep_delay), 1), sum(distance),
                   any_value(name) FROM flights JOIN airlines USING (carrier) GROUP BY month, carrier""",
    },
    "trend-of-departures": {
        "ordered": """
            WITH days AS (
                SELECT origin, make_date(year, month, day) AS date, count(*) AS flights FROM flights GROUP BY ALL
            )
            SELECT origin, date, flights, CASE WHEN count(*) OVER week = 7 THEN avg(flights) OVER week END,
                   sum(flights) OVER (PARTITION BY origin ORDER BY date)
            FROM days WINDOW week AS (PARTITION BY origin ORDER BY date ROWS 6 PRECEDING)""",
    },
    "missing-planes": {
        "most_first": """
            SELECT carrier, count(*), count(DISTINCT tailnum) FROM flights
            WHERE tailnum IS NOT NULL AND tailnum NOT IN (SELECT tailnum FROM planes) GROUP BY carrier""",
    },
}


@pytest.fixture(scope="module")
def oracle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """DuckDB over the public files, read by DuckDB itself."""
    folder: Path = tmp_path_factory.mktemp("flights")
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for name in flights.TABLES:
            path = flights.folder() / f"{name}.csv"
            if not path.exists():
                with zipfile.ZipFile(flights.folder() / f"{name}.csv.zip") as archive:
                    path = Path(archive.extract(f"{name}.csv", folder))
            connection.execute(f"CREATE TABLE {name} AS FROM read_csv('{path}', nullstr=['NA', ''])")
        messages = folder / "messages.csv"
        messages.write_bytes(flights.files()["flight_messages.csv"])
        connection.execute(f"CREATE TABLE messages AS FROM read_csv('{messages}')")
        yield connection


@pytest.fixture(scope="module")
def copies(owner: Uzo, demo: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Each template's copy with the connectors that are proposed, and its execution."""
    beside = owner.get(f"workflows/{demo['workflow_id']}")["job_id"]
    folder = owner.get(f"jobs/{beside}")["folder_id"]
    copies = {}
    for template in owner.get("templates", page_size=200)["results"]:
        chosen = {slot["name"]: slot["proposed"] for slot in template["slots"]}
        body = {"folder_id": folder, "connectors": chosen}
        copy = owner.post(f"templates/{template['id']}/copy", body)
        if not copy["problems"]:
            copy["execution"] = owner.post(f"workflows/{copy['id']}/execute", expect=202)["id"]
        copies[template["id"]] = copy
    return copies


def approve(owner: Uzo, execution: str) -> None:
    """Say yes as soon as it is asked."""
    end = time.monotonic() + ENOUGH
    while not (asked := owner.get("approvals", execution=execution, status="pending")["results"]):
        assert time.monotonic() < end, f"execution {execution} asked nobody"
        time.sleep(0.1)
    owner.post(
        f"approvals/{asked[0]['id']}", {"decision": "approve", "comment": "These are the right days"}, expect=200
    )


def output(owner: Uzo, execution: str, node: str) -> list[tuple[Any, ...]]:
    answer = owner.get(f"executions/{execution}/nodes/{node}/output", limit=10_000)
    assert len(answer["rows"]) == answer["row_count"]
    return [tuple(row) for row in answer["rows"]]


def same(left: Any, right: Any) -> bool:
    if isinstance(left, float) and isinstance(right, int | float):
        return math.isclose(left, right, rel_tol=1e-9, abs_tol=1e-9)
    return bool(left == right)


def written(value: Any) -> Any:
    """A value of DuckDB as UZO's JSON spells it."""
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, date) else value


def ordered(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return sorted(rows, key=lambda row: [str(value) for value in row if not isinstance(value, float)])


def test_every_template_has_an_expectation() -> None:
    assert set(EXPECTED) == set(templates())


@pytest.mark.parametrize("template", sorted(EXPECTED))
def test_a_template_gives_what_duckdb_says(
    owner: Uzo, copies: dict[str, dict[str, Any]], oracle: duckdb.DuckDBPyConnection, template: str
) -> None:
    copy = copies[template]
    assert copy["problems"] == []
    if template == "approval-before-writing":
        approve(owner, copy["execution"])
    execution = owner.wait(copy["execution"], seconds=ENOUGH)
    assert execution["status"] == "success", execution["error"]
    for node, sql in EXPECTED[template].items():
        found = output(owner, execution["id"], node)
        expected = [tuple(map(written, row)) for row in oracle.execute(sql).fetchall()]
        if template == "go-on-after-an-error":
            found = [row[1:3] for row in found]
            assert execution["warnings"] == 1
        assert expected, "nothing to compare with"
        assert len(found) == len(expected), f"{node} of {template}"
        for row, wanted in zip(ordered(found), ordered(expected), strict=True):
            assert all(map(same, row, wanted)), f"{node} of {template}: {row} instead of {wanted}"


def test_an_incremental_load_that_runs_again_doubles_nothing(
    owner: Uzo, copies: dict[str, dict[str, Any]], demo: dict[str, Any]
) -> None:
    copy = copies["incremental-upsert"]
    owner.wait(copy["execution"], seconds=ENOUGH)
    body = {"parameters": {"since": "2013-12-24"}}
    again = owner.wait(owner.post(f"workflows/{copy['id']}/execute", body, expect=202)["id"], seconds=ENOUGH)
    assert {each["node_id"]: each["rows_out"] for each in again["nodes"]}["load"] == 8 * 3
    with psycopg.connect(demo["sink_dsn"]) as warehouse:
        rows = warehouse.execute("SELECT count(*), count(DISTINCT (departed_on, origin)) FROM departures_per_day")
        assert rows.fetchone() == (31 * 3, 31 * 3)

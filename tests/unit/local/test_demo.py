"""The demo's data, people, diagram and report."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import polars as pl

from uzo.local.demo import flights, people, report, sample

NODE_WIDTH = 216


def test_the_public_data_is_whole_and_typed() -> None:
    airports, weather = flights.table("airports"), flights.table("weather")
    assert (airports.height, weather.height, flights.table("planes").height) == (1458, 26_115, 3_322)
    assert airports.schema["tz"] == pl.Int64
    assert weather.schema["time_hour"] == pl.Datetime("us", "UTC")
    assert weather["wind_gust"].null_count() > 0


def test_the_files_hold_what_their_tables_hold() -> None:
    files = flights.files()
    assert tuple(files) == flights.FILES
    assert pl.read_csv(io.BytesIO(files["airports.csv"])).height == 1458
    assert pl.read_parquet(io.BytesIO(files["weather.parquet"])).equals(flights.table("weather"))
    assert pl.read_excel(io.BytesIO(files["airlines.xlsx"])).equals(flights.table("airlines"))


def test_the_messages_come_twice_and_cut_off_as_often_as_they_say() -> None:
    messages = pl.read_csv(io.BytesIO(flights.files()["flight_messages.csv"]))
    flights_of_the_day = flights.table("flights").filter(pl.col("month") == 1, pl.col("day") == 1).height
    assert messages.height == flights_of_the_day + flights_of_the_day // 20 == 884
    assert messages["event_id"].n_unique() == flights_of_the_day
    assert (~messages["payload"].str.ends_with("}")).sum() == 2 * (flights_of_the_day // 100)


def test_passwords_are_new_at_first_and_kept_afterwards(tmp_path: Path) -> None:
    first = people.cast(tmp_path, operator_host="operator.localhost")
    assert first.tenants[0].owner.password != people.cast(tmp_path, operator_host="x").tenants[0].owner.password
    document = {
        "operator": {"password": first.operator.password},
        "tenants": [
            {"host": f"{tenant.host}:8000", "logins": [vars_of(person) for person in tenant.people]}
            for tenant in first.tenants
        ],
    }
    people.remember(tmp_path, document)
    second = people.cast(tmp_path, operator_host="operator.localhost")
    assert second == first
    assert second.digest() == first.digest()


def vars_of(person: people.Person) -> dict[str, str]:
    return {"role": person.role, "email": person.email, "password": person.password}


def test_each_tenant_has_one_person_of_each_role() -> None:
    cast = people.cast(Path("/nowhere"), operator_host="operator.localhost")
    for tenant in cast.tenants:
        assert [person.role for person in tenant.people] == ["owner", "editor", "runner", "viewer"]
    emails = [person.email for tenant in cast.tenants for person in tenant.people]
    assert len(set(emails)) == 8


def test_the_sample_is_connected_and_laid_out_in_two_lines_that_fit_a_screen() -> None:
    drawn = sample.diagram(source="s", files="f", target="t")
    places = {node["id"]: (node["position"]["x"], node["position"]["y"]) for node in drawn["nodes"]}
    assert len(set(places.values())) == len(drawn["nodes"]), "two nodes lie on each other"
    back = [edge["id"] for edge in drawn["edges"] if places[edge["source"]][0] >= places[edge["target"]][0]]
    assert back == ["with_airports-per_route"], "one edge leads to the next line, all others to the right"
    assert max(x for x, _ in places.values()) + NODE_WIDTH < 1440
    touched = {edge["source"] for edge in drawn["edges"]} | {edge["target"] for edge in drawn["edges"]}
    assert touched == set(places)


def _node(id: str, status: str = "success", **facts: int | None) -> dict[str, Any]:
    counted: dict[str, Any] = {"rows_in": None, "rows_out": None, "duration_ms": None, "pushed_down": False}
    return {"node_id": id, "status": status} | counted | facts


def test_the_table_of_a_run_is_aligned_and_shows_unknown_numbers_as_a_dash() -> None:
    nodes = [_node("a", rows_out=336_776, duration_ms=812), _node("b", "failed", rows_in=12, rows_out=0)]
    assert report.node_table(nodes, {"a": "Flights"}).splitlines() == [
        "  node     status   rows in  rows out   ms",
        "  ───────  ───────  ───────  ────────  ───",
        "  Flights  success        –   336,776  812",
        "  b        failed        12         0    –",
    ]


def test_the_table_says_why_a_pushed_filter_knows_no_rows() -> None:
    [*_, said] = report.node_table([_node("a", pushed_down=True)], {}).splitlines()
    assert said == "  –: the database filtered by itself, and sent only what was left"

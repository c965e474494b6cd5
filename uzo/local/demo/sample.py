"""The sample workflow: which airline flies most punctually to each destination?

It reads two tables and a file, filters, derives, joins twice, aggregates, ranks in a window, sorts, and
writes a table and a Parquet file.
"""

from __future__ import annotations

from typing import Any

NAME = "Punctual airlines by destination"
DESCRIPTION = (
    "Flights that left New York City in 2013, with their planes and where they went: "
    "for every destination the airlines ranked by how late they arrived."
)
TABLE = "punctual_airlines"
FILE = "punctual_airlines.parquet"
COLUMN_WIDTH, LANE_HEIGHT = 288, 128
BLUE, TEAL, VIOLET, AMBER, GREEN, ROSE = "#336791", "#0f766e", "#7c3aed", "#b45309", "#15803d", "#be185d"


def diagram(*, source: str, files: str, target: str) -> dict[str, Any]:
    """The diagram with the ids of its connectors: the flights database, the files, the warehouse."""
    return {
        "nodes": [*_reads(source, files), *_joining(), *_ranking(), *_writes(target, files)],
        "edges": [
            _edge("flights", "departed", "336,776 flights"),
            _edge("departed", "punctuality"),
            _edge("punctuality", "with_planes", target_handle="left"),
            _edge("planes", "with_planes", target_handle="right"),
            _edge("with_planes", "with_airports", target_handle="left"),
            _edge("airports", "with_airports", target_handle="right"),
            _edge("with_airports", "per_route"),
            _edge("per_route", "ranked"),
            _edge("ranked", "ordered"),
            _edge("ordered", "store_table"),
            _edge("ordered", "store_file"),
        ],
        "viewport": {"x": 0, "y": 0, "zoom": 0.7},
    }


def _reads(source: str, files: str) -> list[dict[str, Any]]:
    return [
        _node("flights", (0, 1), "connector", "read", "Flights", "All departures of 2013", "plane-takeoff", BLUE,
              config={"table": "flights", "columns": [
                  "month", "day", "carrier", "flight", "tailnum", "origin", "dest",
                  "dep_delay", "arr_delay", "air_time", "distance",
              ]}, connector=(source, "postgresql")),
        _node("planes", (2, 0), "connector", "read", "Planes", "Maker, year and seats by tail number", "plane", BLUE,
              config={"table": "planes", "columns": ["tailnum", "year", "manufacturer", "seats"]},
              connector=(source, "postgresql")),
        _node("airports", (3, 0), "connector", "read", "Airports", "A CSV file that someone uploaded",
              "file-spreadsheet", TEAL, config={"table": "airports.csv", "columns": ["faa", "name", "lat", "lon"]},
              connector=(files, "files")),
    ]  # fmt: skip


def _joining() -> list[dict[str, Any]]:
    return [
        _node("departed", (1, 1), "transform", "filter", "Flights that arrived",
              "Cancelled and diverted flights have no arrival", "filter", VIOLET,
              config={"expression": "arr_delay IS NOT NULL AND distance >= 200"}),
        _node("punctuality", (2, 1), "transform", "derive", "Punctuality",
              "Speed, and whether it was more than a quarter of an hour late", "calculator", VIOLET,
              config={"expressions": {
                  "speed_mph": "distance / (air_time / 60)",
                  "late": "CASE WHEN arr_delay > 15 THEN 1 ELSE 0 END",
              }}),
        _node("with_planes", (3, 1), "transform", "join", "Add the plane", "Planes that are not known stay empty",
              "git-merge", AMBER,
              config={"joinType": "left", "leftOn": ["tailnum"], "rightOn": ["tailnum"], "suffix": "_plane"}),
        _node("with_airports", (4, 1), "transform", "join", "Add the destination", "Only airports of the list",
              "git-merge", AMBER, config={"joinType": "inner", "leftOn": ["dest"], "rightOn": ["faa"]}),
    ]  # fmt: skip


def _ranking() -> list[dict[str, Any]]:
    return [
        _node("per_route", (0, 2.75), "transform", "aggregate", "Per destination and airline",
              "Flights, delays, speed and seats", "sigma", VIOLET,
              config={"groupBy": ["dest", "name", "carrier"], "aggregations": {
                  "flights": {"column": "flight", "function": "count"},
                  "mean_delay": {"column": "arr_delay", "function": "mean"},
                  "late_share": {"column": "late", "function": "mean"},
                  "mean_speed_mph": {"column": "speed_mph", "function": "mean"},
                  "seats": {"column": "seats", "function": "sum"},
              }}),
        _node("ranked", (1, 2.75), "transform", "window", "Rank the airlines",
              "The most punctual of each destination comes first", "trophy", VIOLET,
              config={"partitionBy": ["dest"], "orderBy": [{"column": "mean_delay"}, {"column": "carrier"}],
                      "function": "rank", "outputColumn": "place"}),
        _node("ordered", (2, 2.75), "transform", "sort", "Sort", "By destination and place", "arrow-down-a-z", VIOLET,
              config={"by": ["dest", "place", "carrier"]}),
    ]  # fmt: skip


def _writes(target: str, files: str) -> list[dict[str, Any]]:
    return [
        _node("store_table", (3, 2.25), "connector", "write", "Warehouse table", "Replaced in one step at every run",
              "database", GREEN, config={"table": TABLE, "mode": "replace"}, connector=(target, "postgresql")),
        _node("store_file", (3, 3.25), "connector", "write", "Parquet file", "The same rows for those who like files",
              "file-down", ROSE, config={"table": FILE, "mode": "replace"}, connector=(files, "files")),
    ]  # fmt: skip


def _node(  # noqa: PLR0917 - read as a table, one node after the other
    node_id: str,
    place: tuple[float, float],
    category: str,
    operation: str,
    label: str,
    description: str,
    icon: str,
    color: str,
    *,
    config: dict[str, Any],
    connector: tuple[str, str] | None = None,
) -> dict[str, Any]:
    """A node at a column and a lane; `connector` is the id and the type of its connector. The chain takes two lines:
    on one it would be too long to be read when all of it is in sight."""
    data: dict[str, Any] = {
        "label": label,
        "icon": icon,
        "color": color,
        "nodeType": category,
        "category": category.title(),
        "config": {"operation": operation, **config},
        "parameters": {},
        "description": description,
        "tags": [],
        "version": 1,
        "isLocked": False,
    }
    if connector is not None:
        data["connectorId"], data["connectorType"] = connector
    position = {"x": place[0] * COLUMN_WIDTH, "y": place[1] * LANE_HEIGHT}
    return {"id": node_id, "type": "custom-node", "position": position, "data": data}


def _edge(source: str, target: str, label: str = "", *, target_handle: str = "input") -> dict[str, Any]:
    return {
        "id": f"{source}-{target}",
        "source": source,
        "target": target,
        "sourceHandle": "output",
        "targetHandle": target_handle,
        "type": "custom-edge",
        "data": {"label": label, "condition": None, "animated": False, "color": "#94a3b8"},
    }

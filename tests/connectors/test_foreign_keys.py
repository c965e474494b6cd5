"""Which table leads to which, in every database that has foreign keys."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from apps.connectors.sdk import ExecuteRequest, ForeignKey, Table
from tests.connectors.conftest import Peer

STATEMENTS = (
    "CREATE TABLE {harbours} (country text, code text, PRIMARY KEY (country, code))",
    "CREATE TABLE {ships} (id integer PRIMARY KEY, home_country text, home_code text, sister integer, "
    "FOREIGN KEY (home_country, home_code) REFERENCES {harbours} (country, code), "
    "FOREIGN KEY (sister) REFERENCES {ships} (id))",
)


@pytest.fixture(params=["postgresql", "sqlite", "duckdb"])
def fleet(make_peer: Callable[[str], Peer], request: pytest.FixtureRequest) -> Peer:
    peer = make_peer(request.param)
    named = {name: peer.table(name) for name in ("harbours", "ships")}
    for statement in STATEMENTS:
        peer.open().execute(ExecuteRequest(query=statement.format(**named)))
    return peer


def keys_of(peer: Peer, tables: list[Table], name: str) -> tuple[set[ForeignKey], tuple[str, ...]]:
    [found] = [each for each in tables if each.name == peer.table(name)]
    return set(found.foreign_keys), found.keys


def expected(peer: Peer) -> set[ForeignKey]:
    return {
        ForeignKey(("home_country", "home_code"), peer.table("harbours"), ("country", "code")),
        ForeignKey(("sister",), peer.table("ships"), ("id",)),
    }


def test_discovering_all_tables_tells_where_they_lead(fleet: Peer) -> None:
    tables = list(fleet.open().discover())
    assert keys_of(fleet, tables, "ships") == (expected(fleet), ("id",))
    assert keys_of(fleet, tables, "harbours") == (set(), ("country", "code"))


def test_one_table_tells_the_same_and_survives_the_cache(fleet: Peer) -> None:
    [ships] = fleet.open().discover(fleet.table("ships"))
    assert set(ships.foreign_keys) == expected(fleet)
    assert Table.from_json(ships.as_json()) == ships


def test_what_was_kept_before_has_no_foreign_keys() -> None:
    kept = {"name": "ships", "columns": [], "dynamic": False, "keys": ["id"], "rows": None}
    assert Table.from_json(kept).foreign_keys == ()

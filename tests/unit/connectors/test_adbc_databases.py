"""Databases of the ADBC driver are shared by connections, and closed once nobody uses them."""

from __future__ import annotations

from typing import Any

import pytest

from apps.connectors.catalog.postgresql import drivers
from apps.connectors.catalog.postgresql.drivers import Databases


class Driver:
    """Counts what is open."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        import adbc_driver_manager
        import adbc_driver_postgresql
        from adbc_driver_manager import dbapi

        self.opened: list[Database] = []
        self.refuses = False
        monkeypatch.setattr(adbc_driver_postgresql, "connect", self._open)
        monkeypatch.setattr(adbc_driver_manager, "AdbcConnection", self._connect)
        monkeypatch.setattr(dbapi, "Connection", lambda loan, *_, **__: loan)

    def _open(self, conninfo: str) -> Database:
        self.opened.append(Database())
        return self.opened[-1]

    def _connect(self, database: Database) -> object:
        if self.refuses:
            raise ConnectionError("the server is away")
        assert not database.closed
        return object()


class Database:
    closed = False

    def close(self) -> None:
        assert not self.closed
        self.closed = True


@pytest.fixture
def driver(monkeypatch: pytest.MonkeyPatch) -> Driver:
    return Driver(monkeypatch)


@pytest.fixture
def databases() -> Databases:
    return Databases()


def connect(databases: Databases, conninfo: str = "host=a password=b") -> Any:
    return databases.connect(conninfo, autocommit=True)


def test_connections_with_the_same_parameters_share_a_database(driver: Driver, databases: Databases) -> None:
    connect(databases).close()
    connect(databases).close()
    assert [database.closed for database in driver.opened] == [False]


def test_another_password_is_another_database(driver: Driver, databases: Databases) -> None:
    connect(databases, "host=a password=b")
    connect(databases, "host=a password=c")
    assert len(driver.opened) == 2


def test_an_old_database_is_closed_with_its_last_user(
    driver: Driver, databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drivers, "KEPT_SECONDS", 0.0)
    first = connect(databases)
    second = connect(databases)
    assert [database.closed for database in driver.opened] == [False, False]
    first.close()
    assert driver.opened[0].closed
    second.close()
    databases.close()
    assert all(database.closed for database in driver.opened)


def test_only_so_many_are_kept(driver: Driver, databases: Databases) -> None:
    for number in range(40):
        connect(databases, f"host={number}").close()
    assert sum(not database.closed for database in driver.opened) == 16


def test_a_server_that_is_away_leaves_no_user_behind(driver: Driver, databases: Databases) -> None:
    driver.refuses = True
    with pytest.raises(ConnectionError):
        connect(databases)
    databases.close()
    assert driver.opened[0].closed

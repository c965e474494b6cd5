"""Faults while rows move: a source that is cut off, a target that others read, an end at the wrong moment."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from apps.connectors.sdk import ConnectorContext, EgressPolicy, Storage
from apps.executions.core.testing import FakeHost
from tests.connectors.conftest import Database, Peer, database  # noqa: F401
from tests.connectors.moving import HERE, THERE, Harbour, Run, read, taking, transform, write

ROWS = 20_000
WAYS = ("pushed", "piped", "step by step")
pytestmark = pytest.mark.slow


class Strait:
    """A TCP proxy before a database, which cuts every connection once `limit` bytes have come from there."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.passed = 0
        self.limit: int | None = None
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", self._to))
            self._open += [near, far]
            threading.Thread(target=self._pass, args=(near, far, False), daemon=True).start()
            threading.Thread(target=self._pass, args=(far, near, True), daemon=True).start()

    def _pass(self, one: socket.socket, other: socket.socket, counted: bool) -> None:
        try:
            while data := one.recv(16_384):
                if counted:
                    self.passed += len(data)
                    if self.limit is not None and self.passed >= self.limit:
                        break
                other.sendall(data)
        except OSError:
            pass  # the other half was closed: that is what a cut looks like from here
        for end in (one, other):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # it was shut already

    def close(self) -> None:
        self._listener.close()
        for each in self._open:
            each.close()


@pytest.fixture
def sea(database: Database, tmp_path: Path) -> Iterator[Any]:  # noqa: F811
    """Two schemas' worth of water: a full source behind a strait, an empty target."""
    other = Database(database.host, database.port, database.user, database.password, f"{database.name}_drill")
    with database.connect() as connection:
        connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        connection.execute(f'DROP DATABASE IF EXISTS "{other.name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{other.name}"')
        connection.execute("CREATE TABLE ships (id bigint PRIMARY KEY, name text, tons float8, seen timestamptz)")
        connection.execute(
            "INSERT INTO ships SELECT g, 'ship ' || g, g * 0.5, timestamptz '2024-01-01 00:00Z' + g * interval '1 s' "
            f"FROM generate_series(1, {ROWS}) g"
        )
        connection.execute("ANALYZE ships")
    strait = Strait(database.port)
    ports = f"127.0.0.1:{strait.port},127.0.0.1:{database.port},{database.host}:{database.port}"
    context = ConnectorContext(EgressPolicy(ports), Storage(tmp_path / "files"))
    peer = Peer("postgresql", database.config, context)
    harbour = Harbour(
        {
            HERE: lambda: peer.open(host="127.0.0.1", port=strait.port),
            THERE: lambda: peer.open(database=other.name),
        },
        tmp_path / "runs",
    )
    yield _Sea(harbour, strait, other)
    strait.close()
    with database.connect() as connection:
        connection.execute(f'DROP DATABASE "{other.name}" WITH (FORCE)')


class _Sea:
    def __init__(self, harbour: Harbour, strait: Strait, target: Database) -> None:
        self.harbour, self.strait, self.target = harbour, strait, target

    def ask(self, query: str) -> list[Any]:
        with self.target.connect() as connection:
            return connection.execute(query).fetchall()

    def bytes_of(self, mode: str, id: str, **keyed: Any) -> int:
        """What passes the strait in a whole run, once more than nothing has passed it."""
        began = self.strait.passed
        assert self.run(id=id, mode=mode, table="rehearsal", **keyed).outcome.status == "success"
        time.sleep(0.1)  # what is still on its way
        return self.strait.passed - began

    def run(self, *, id: str, mode: str = "append", **config: Any) -> Run:
        derive = transform("derive", expressions={"tons": "tons * 2"})
        return Run(self.harbour, read(), derive, write(mode=mode, **config), id=id)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("mode", ["append", "upsert"])
def test_f5_a_source_that_is_cut_off_loses_and_doubles_nothing(sea: _Sea, way: str, mode: str) -> None:
    keyed = {"keys": ["id"]} if mode == "upsert" else {}
    with taking(way):
        whole = min(sea.bytes_of(mode, f"rehearsal {number}", **keyed) for number in range(3))
        with sea.target.connect() as connection:
            connection.execute("CREATE TABLE fleet (id bigint, name text, tons float8, seen timestamptz)")
        for share in (0.01, 0.25, 0.5, 0.99):
            time.sleep(0.1)  # what is still on its way
            sea.strait.limit = sea.strait.passed + int(whole * share)
            cut = sea.run(id=f"cut at {share}", mode=mode, **keyed)
            sea.strait.limit = None
            assert cut.outcome.status == "failed", (share, whole, cut.said)
            assert cut.error is not None
            assert cut.error[0] == "read", (share, cut.error)
            assert sea.ask("SELECT count(*) FROM fleet") == [(0,)], f"cut at {share}, something had been written"
        again = sea.run(id="cut at 0.99", mode=mode, **keyed)
    assert again.outcome.status == "success", again.error
    assert sea.ask("SELECT count(*), count(DISTINCT id), sum(tons) FROM fleet") == [(ROWS, ROWS, ROWS * (ROWS + 1) / 2)]


@pytest.mark.parametrize("way", WAYS)
def test_f6_readers_never_see_a_partial_load(sea: _Sea, way: str) -> None:
    """Loads of two tables replace each other, while readers look."""
    with sea.target.connect() as connection:
        connection.execute("CREATE TABLE fleet (id bigint, name text, tons float8, seen timestamptz)")
    over = threading.Event()
    seen: set[tuple[int, int]] = set()
    wrong: list[Any] = []

    def look() -> None:
        with sea.target.connect() as connection:
            while not over.is_set():
                found = connection.execute("SELECT count(*), count(DISTINCT tons > 0) FROM fleet").fetchone()
                assert found is not None
                seen.add((int(found[0]), int(found[1])))

    readers = [threading.Thread(target=look, daemon=True) for _ in range(2)]
    for reader in readers:
        reader.start()
    half = transform("filter", expression=f"id <= {ROWS // 2}")
    turned = transform("derive", expressions={"tons": "-tons"})
    with taking(way):
        for number in range(4):
            steps = (half, turned) if number % 2 else (transform("filter", expression="id > 0"),)
            run = Run(sea.harbour, read(), *steps, write(mode="replace"))
            if run.outcome.status != "success":
                wrong.append(run.error)
    over.set()
    for reader in readers:
        reader.join(10)
    assert not wrong
    assert seen <= {(0, 0), (ROWS, 1), (ROWS // 2, 1)}, "someone saw part of a load, or two loads at once"
    assert {(ROWS, 1), (ROWS // 2, 1)} <= seen


class _Dying(FakeHost):
    """A host whose worker dies when it is about to say that the stage is done."""

    def __init__(self, host: FakeHost) -> None:
        super().__init__(parameters=host.parameters)
        self._host = host

    @property
    def execution_id(self) -> str:
        return self._host.execution_id

    def connector(self, connector_id: str) -> Any:
        return self._host.connector(connector_id)

    def commit_stage(self, result: Any) -> None:
        raise KeyboardInterrupt


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("mode", ["append", "upsert", "replace"])
def test_f1_a_write_that_was_committed_and_not_told_is_not_done_twice(
    sea: _Sea, way: str, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyed = {"keys": ["id"]} if mode == "upsert" else {}
    from tests.connectors import moving

    kind = moving._Host
    with taking(way):
        monkeypatch.setattr(moving, "_Host", lambda *given: _Dying(kind(*given)))
        with pytest.raises(KeyboardInterrupt):
            sea.run(id="told late", mode=mode, **keyed)
        monkeypatch.setattr(moving, "_Host", kind)
        before = sea.ask("SELECT count(*), max(xmin::text) FROM fleet")
        again = sea.run(id="told late", mode=mode, **keyed)
    assert again.outcome.status == "success", again.error
    assert "nothing is doubled" in again.said
    assert sea.ask("SELECT count(*), max(xmin::text) FROM fleet") == before == [(ROWS, before[0][1])]
    assert again.node("write").rows_out == ROWS


@pytest.mark.parametrize("way", ["pushed", "piped"])
def test_a_load_is_cancelled_within_two_seconds_and_leaves_nothing(
    sea: _Sea, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.connectors import moving

    kind = moving._Host
    asked: list[float] = []

    def cancelled() -> bool:
        asked.append(time.monotonic())
        return asked[-1] - asked[0] > 0.4

    def host(*given: Any) -> Any:
        made = kind(*given)
        made.cancelled = cancelled  # type: ignore[method-assign]
        return made

    monkeypatch.setattr(moving, "_Host", host)
    slow = "SELECT id, name, tons, seen FROM ships, LATERAL (SELECT pg_sleep(0.0001 * (1 + id % 2))) AS nap"
    with taking(way):
        run = Run(sea.harbour, read(table=None, query=slow), write(mode="append"))
        begun = asked[0]
    assert run.outcome.status == "cancelled", run.error
    assert time.monotonic() - begun - 0.4 < 3, "two seconds, and what a busy machine needs"
    assert sea.ask("SELECT to_regclass('fleet')") == [(None,)]
    end = time.monotonic() + 2
    busy = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'uzo' AND state = 'active'"
    while sea.ask(busy) != [(0,)]:
        assert time.monotonic() < end, "the databases still work at what was cancelled"
        time.sleep(0.05)

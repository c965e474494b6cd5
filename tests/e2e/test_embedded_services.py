"""The embedded PostgreSQL and Valkey: what happens to them on real machines."""

from __future__ import annotations

import os
import signal
import socket
import stat
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import psycopg
import pytest
import redis

from uzo.local import databases as stores
from uzo.local import migrations, postgres, valkey
from uzo.local.databases import Databases
from uzo.local.demo import databases as demo_databases
from uzo.local.errors import LocalError
from uzo.local.ports import HOST, is_free
from uzo.local.postgres import clear_leftovers, ensure_database
from uzo.local.service import marked, wait_until
from uzo.local.state import embedded
from uzo.local.supervisor import Supervisor


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """A folder that an unprivileged account may enter, as a clone usually is."""
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    return tmp_path / "uzo"


@pytest.fixture
def supervisor(data_dir: Path) -> Iterator[Supervisor]:
    with Supervisor(data_dir, notice=str) as running:
        yield running
    assert marked(data_dir) == []


def start(supervisor: Supervisor, *, forgetful: bool = True) -> Databases:
    return stores.start(supervisor, supervisor.data_dir, database_url=None, redis_url=None, forgetful=forgetful)


def numbers(url: str) -> list[int]:
    with psycopg.connect(url) as connection:
        return [row[0] for row in connection.execute("SELECT n FROM numbers ORDER BY n").fetchall()]


def write(url: str, *values: int) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS numbers (n int)")
        for value in values:
            connection.execute("INSERT INTO numbers VALUES (%s)", [value])


def comes_back(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def test_both_stores_start_on_loopback_with_passwords_and_keep_their_data(data_dir: Path) -> None:
    with Supervisor(data_dir) as supervisor:
        first = start(supervisor)
        write(first.database_url, 1, 2)
        with psycopg.connect(first.database_url) as connection:
            setting = connection.execute("SELECT current_setting('wal_level'), current_setting('listen_addresses')")
            assert setting.fetchone() == ("logical", HOST)
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(first.url("uzo", password="guess"))
        port = urlsplit(first.redis_url).port or 0
        with redis.Redis.from_url(first.redis_url) as client, redis.Redis(HOST, port) as stranger:
            assert client.set("tide", "high")
            with pytest.raises(redis.AuthenticationError):
                stranger.ping()
        assert embedded(data_dir).database_url == first.database_url
    with Supervisor(data_dir) as supervisor:
        second = start(supervisor)
        assert second == first, "a second start takes the same ports and passwords"
        assert numbers(second.database_url) == [1, 2]


def test_a_postgresql_that_was_killed_is_started_again_and_has_what_was_committed(supervisor: Supervisor) -> None:
    found = start(supervisor, forgetful=False)
    write(found.database_url, 1, 2, 3)
    os.kill(supervisor.pid("postgres"), signal.SIGKILL)
    assert wait_until(lambda: not comes_back(found.database_url), seconds=5)
    assert wait_until(lambda: comes_back(found.database_url), seconds=20)
    assert numbers(found.database_url) == [1, 2, 3]


def test_a_valkey_that_was_killed_is_started_again(supervisor: Supervisor) -> None:
    found = start(supervisor)
    before = supervisor.pid("valkey")
    os.kill(before, signal.SIGKILL)
    assert wait_until(lambda: supervisor.pid("valkey") != before, seconds=10)
    with redis.Redis.from_url(found.redis_url) as client:
        assert wait_until(lambda: answers(client), seconds=10)


def answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False


def test_a_stale_lock_that_names_a_living_stranger_does_not_stop_postgresql(data_dir: Path) -> None:
    with Supervisor(data_dir) as supervisor:
        start(supervisor)
    lock = data_dir / "postgres" / "data" / "postmaster.pid"
    lock.write_text(f"{os.getpid()}\n{lock.parent}\n1\n5432\n\n127.0.0.1\n\nready\n")
    with Supervisor(data_dir) as supervisor:
        assert comes_back(start(supervisor).database_url)


def test_a_server_that_a_killed_supervisor_left_is_ended_and_its_data_are_whole(data_dir: Path) -> None:
    killed = Supervisor(data_dir)
    found = start(killed)
    write(found.database_url, 7)
    left = psutil.Process(killed.pid("postgres"))
    killed._stopping.set()  # from here on nobody watches: the supervisor is as good as killed
    clear_leftovers(data_dir / "postgres" / "data")
    assert not left.is_running() or left.status() == psutil.STATUS_ZOMBIE
    killed.stop()
    with Supervisor(data_dir) as supervisor:
        assert numbers(start(supervisor).database_url) == [7]


def test_ports_that_were_taken_meanwhile_are_replaced_by_free_ones(data_dir: Path) -> None:
    with Supervisor(data_dir) as supervisor:
        first = start(supervisor)
    port = int(first.address.rpartition(":")[2])
    assert wait_until(lambda: is_free(port), seconds=5)
    with socket.socket() as thief:
        # As servers do: PostgreSQL's own closed connections may still linger on the port.
        thief.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        thief.bind((HOST, port))
        thief.listen()
        with Supervisor(data_dir) as supervisor:
            second = start(supervisor)
            assert second.address != first.address
            assert comes_back(second.database_url)
    assert embedded(data_dir).database_url == second.database_url


def test_an_interrupted_first_start_leaves_nothing_half_made(data_dir: Path, supervisor: Supervisor) -> None:
    half = data_dir / "postgres" / "data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18")
    assert comes_back(start(supervisor).database_url)
    assert not half.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as somebody else")
def test_root_in_a_private_folder_keeps_postgresqls_files_where_its_account_can_enter(tmp_path: Path) -> None:
    home, elsewhere = tmp_path / "home", tmp_path / "var"
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    home.mkdir(mode=0o700)
    prepared = postgres.prepare(home / "uzo", port=0, forgetful=True, fallback=elsewhere)
    assert prepared.home.parent == elsewhere
    assert (home / "uzo" / "postgres").resolve() == prepared.home
    assert (prepared.data / "PG_VERSION").read_text().strip() == "18"
    assert stat.S_IMODE(prepared.data.stat().st_mode) == 0o700
    assert prepared.data.stat().st_uid == prepared.account.uid  # type: ignore[union-attr]


def test_a_lost_password_is_said_with_what_to_do(data_dir: Path) -> None:
    with Supervisor(data_dir) as supervisor:
        start(supervisor)
    (data_dir / "postgres.password").unlink()
    with Supervisor(data_dir) as supervisor, pytest.raises(LocalError, match="does not know the password") as refused:
        start(supervisor)
    assert "make clean" in refused.value.remedy


def test_a_damaged_valkey_file_is_said_with_what_to_do(data_dir: Path) -> None:
    with Supervisor(data_dir) as supervisor:
        server = valkey.prepare(data_dir, port=stores.free_port())
        supervisor.run(server.service())
    [manifest] = (data_dir / "valkey" / "appendonlydir").glob("*.manifest")
    manifest.write_text("nonsense\n")
    with Supervisor(data_dir) as supervisor, pytest.raises(LocalError, match="damaged") as refused:
        supervisor.run(valkey.prepare(data_dir, port=stores.free_port()).service())
    assert "appendonlydir" in refused.value.remedy


def test_a_database_is_made_once_and_closed_to_those_it_was_not_given_to(supervisor: Supervisor) -> None:
    found = start(supervisor)
    assert ensure_database(found.admin_url, "harbour")
    assert not ensure_database(found.admin_url, "harbour")
    with psycopg.connect(found.url("harbour")) as connection:
        connection.execute("CREATE ROLE stranger LOGIN PASSWORD 'x'")
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        psycopg.connect(found.url("harbour", user="stranger", password="x"))


def test_a_database_says_itself_whether_it_was_migrated_to_the_present_schema(supervisor: Supervisor) -> None:
    found = start(supervisor)
    assert migrations.read(found.database_url) == migrations.Stamp()
    stamp = migrations.Stamp(migrations.digest(), "people")
    migrations.write(found.database_url, stamp)
    assert migrations.read(found.database_url) == stamp


def test_the_demos_roles_reach_their_own_database_and_no_other(supervisor: Supervisor, data_dir: Path) -> None:
    found = start(supervisor)
    demo_databases.load(found, data_dir, ["demo", "rival"])
    source, target = demo_databases.source(found, data_dir), demo_databases.target(found, data_dir, "demo")
    with psycopg.connect(source.url) as connection:
        assert connection.execute("SELECT count(*), count(dep_delay) FROM flights").fetchone() == (336_776, 328_521)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("DELETE FROM flights")
    with psycopg.connect(target.url) as connection:
        connection.execute("CREATE TABLE harbour (berth int)")
    for database in ("uzo", "rival_target", source.database):
        with pytest.raises(psycopg.OperationalError, match="permission denied"):
            psycopg.connect(found.url(database, user=target.username, password=target.password))
    demo_databases.load(found, data_dir, ["demo", "rival"])

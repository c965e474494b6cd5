"""A peer for each connector type: the conformance suite runs over all of them."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import uuid4

import polars as pl
import psycopg
import pytest

from apps.connectors.catalog.postgresql import compiled
from apps.connectors.sdk import ConnectorContext, EgressPolicy, ReadRequest, Storage, WriteMode, WriteRequest, registry
from apps.connectors.sdk.batches import to_batches
from apps.nodes.columns import Schema

SECRET = "heron-4711-ü"


@dataclass(frozen=True)
class Database:
    """Where the tests' PostgreSQL is, with a database of this session's own."""

    host: str
    port: int
    user: str
    password: str
    name: str

    def connect(self, **options: Any) -> psycopg.Connection[Any]:
        return psycopg.connect(
            host=self.host, port=self.port, user=self.user, password=self.password, dbname=self.name, autocommit=True,
            **options,
        )  # fmt: skip

    @property
    def config(self) -> dict[str, Any]:
        return {
            "host": self.host, "port": self.port, "database": self.name, "username": self.user,
            "password": self.password or SECRET, "sslmode": "disable",
        }  # fmt: skip


@pytest.fixture(scope="session")
def database() -> Iterator[Database]:
    from django.conf import settings

    known = settings.DATABASES["default"]
    base = Database(
        known["HOST"] or "127.0.0.1", int(known["PORT"] or 5432), known["USER"], known["PASSWORD"], "postgres"
    )
    if os.environ.get("DATABASE_URL"):
        assert unquote(urlsplit(os.environ["DATABASE_URL"]).path.strip("/"))
    name = f"uzo_connectors_{uuid4().hex[:12]}"  # each who imports this fixture gets one of their own
    with base.connect() as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    yield Database(base.host, base.port, base.user, base.password, name)
    with base.connect() as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


class Peer:
    """One connector of a type, opened anew for each use, with short words for what tests do all the time."""

    def __init__(self, name: str, config: dict[str, Any], context: ConnectorContext, suffix: str = "") -> None:
        kind = registry.find(name)
        assert kind is not None
        self.kind = kind
        self.name = name
        self.context = context
        self.suffix = suffix
        self._config = config

    def open(self, **changes: Any) -> Any:
        return self.kind(self.kind.Config.model_validate_json(json.dumps(self._config | changes)), context=self.context)

    def table(self, name: str) -> str:
        return name + self.suffix

    def write(
        self, table: str, frame: pl.DataFrame, mode: str = "append", keys: tuple[str, ...] = (), **more: Any
    ) -> Any:
        source = self.open()
        schema = more.pop("schema", None) or Schema.from_polars(dict(frame.schema))
        request = WriteRequest(table=self.table(table), schema=schema, mode=WriteMode(mode), keys=keys, **more)
        try:
            return source.write(to_batches(frame, 2), request)
        finally:
            source.close()

    def read(self, table: str | None = None, **request: Any) -> pl.DataFrame:
        source = self.open()
        named = None if table is None else self.table(table)
        try:
            with source.read(ReadRequest(table=named, **request)) as stream:
                found: pl.DataFrame = stream.collect()
                return found
        finally:
            source.close()


@pytest.fixture
def make_peer(database: Database, tmp_path: Path) -> Callable[[str], Peer]:
    policy = EgressPolicy(f"127.0.0.1:{database.port},{database.host}:{database.port}")

    def make(label: str) -> Peer:
        context = ConnectorContext(policy, Storage(tmp_path / label))
        name, _, ending = label.partition(".")
        if name == "postgresql":
            with database.connect() as connection:
                connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
            return Peer(name, database.config, context)
        if name in ("sqlite", "duckdb"):
            return Peer(name, {"file": "harbour.db"}, context)
        return Peer(name, {}, context, f".{ending}")

    return make


@pytest.fixture
def there(database: Database) -> Iterator[Database]:
    """A second database on the same server."""
    other = Database(database.host, database.port, database.user, database.password, f"{database.name}_there")
    with database.connect() as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{other.name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{other.name}"')
    yield other
    with database.connect() as connection:
        connection.execute(f'DROP DATABASE "{other.name}" WITH (FORCE)')


@pytest.fixture
def postgresql(make_peer: Callable[[str], Peer]) -> Peer:
    return make_peer("postgresql")


@pytest.fixture
def decoder() -> None:
    """What has been compiled is there, unless nothing can be compiled here."""
    if shutil.which("cc") is None:
        pytest.skip("there is no C compiler here")
    assert compiled.is_there(), "run `make compiled`"


@pytest.fixture(params=["decoded here", "read by the driver"])
def reader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Who makes frames of PostgreSQL's rows: what has been compiled, or ADBC, which is there without a compiler."""
    if request.param == "read by the driver":
        monkeypatch.setattr(compiled, "library", lambda: None)
    else:
        request.getfixturevalue("decoder")
    return str(request.param)

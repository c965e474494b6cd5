"""The demo's own databases: one to read from, and for each tenant one to write to.

Each is opened by a role of its own that can do nothing else on the server.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import polars as pl
import psycopg
from psycopg import sql

from uzo.local.databases import Databases
from uzo.local.demo import flights
from uzo.local.errors import LocalError
from uzo.local.postgres import ensure_database
from uzo.settings.paths import secret_file

_TYPES: dict[type[pl.DataType], str] = {
    pl.String: "text",
    pl.Int64: "integer",
    pl.Float64: "double precision",
    pl.Boolean: "boolean",
    pl.Datetime: "timestamptz",
}
SOURCE = "demo"


@dataclass(frozen=True, slots=True)
class Access:
    """How a connector reaches a database."""

    host: str
    port: int
    database: str
    username: str
    password: str
    url: str

    def config(self) -> dict[str, object]:
        """The config of a `postgresql` connector."""
        return {
            "host": self.host,
            "port": self.port,
            "database": self.database,
            "username": self.username,
            "password": self.password,
            "sslmode": "disable",
        }


def target_name(tenant: str) -> str:
    return f"{tenant}_target"


def source(databases: Databases, data_dir: Path) -> Access:
    return _access(databases, data_dir, SOURCE, "reader")


def target(databases: Databases, data_dir: Path, tenant: str) -> Access:
    return _access(databases, data_dir, target_name(tenant), "writer")


def _access(databases: Databases, data_dir: Path, name: str, right: str) -> Access:
    secret = secret_file(data_dir / "demo.secret")
    database = f"{databases.prefix}{name}"
    user = f"{database}_{right}"
    password = hmac.new(secret.encode(), user.encode(), hashlib.sha256).hexdigest()[:32]
    url = databases.url(database, user=user, password=password)
    parts = urlsplit(url)
    return Access(parts.hostname or "", parts.port or 5432, database, user, password, url)


def load(databases: Databases, data_dir: Path, tenants: Sequence[str]) -> None:
    """Make the databases and their roles, and fill the source; what is there already stays.

    Raises LocalError when the given server does not let us make databases.
    """
    try:
        for access in [source(databases, data_dir), *(target(databases, data_dir, name) for name in tenants)]:
            _ensure_role(databases.admin_url, access)
            ensure_database(databases.admin_url, access.database)
            _grant(databases, access, writes=access.username.endswith("_writer"))
    except psycopg.errors.InsufficientPrivilege as error:
        raise LocalError(
            f"The demo needs databases of its own, and the user of DATABASE_URL may not make them: {error}",
            remedy="Give that user the rights CREATEDB and CREATEROLE, or leave DATABASE_URL out.",
        ) from error
    fill_source(databases.url(source(databases, data_dir).database))


def _ensure_role(admin_url: str, access: Access) -> None:
    role = sql.Identifier(access.username)
    with psycopg.connect(admin_url, autocommit=True) as connection:
        there = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [access.username]).fetchone()
        statement = "ALTER ROLE {} LOGIN PASSWORD {}" if there else "CREATE ROLE {} LOGIN PASSWORD {}"
        connection.execute(sql.SQL(statement).format(role, sql.Literal(access.password)))


def _grant(databases: Databases, access: Access, *, writes: bool) -> None:
    role, database = sql.Identifier(access.username), sql.Identifier(access.database)
    statements = ["GRANT CONNECT ON DATABASE {database} TO {role}"]
    if writes:
        statements += ["GRANT TEMPORARY ON DATABASE {database} TO {role}", "GRANT ALL ON SCHEMA public TO {role}"]
    else:
        statements += [
            "GRANT USAGE ON SCHEMA public TO {role}",
            "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO {role}",
            "GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}",
        ]
    with psycopg.connect(databases.url(access.database), autocommit=True) as connection:
        for statement in statements:
            connection.execute(sql.SQL(statement).format(role=role, database=database))


def fill_source(url: str) -> None:
    """Load every table that is not there, each in one transaction."""
    with psycopg.connect(url) as connection:
        for name in flights.TABLES:
            if connection.execute("SELECT to_regclass(%s)", [f"public.{name}"]).fetchone() != (None,):
                continue
            _load(connection, name, flights.table(name))
            connection.commit()
        _link(connection)


def _link(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    """Say which tables lead to which, where it is not said yet."""
    for table, column, other in flights.LINKS:
        name = f"{table}_{column}_fkey"
        if connection.execute("SELECT 1 FROM pg_constraint WHERE conname = %s", [name]).fetchone() is None:
            statement = sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} FOREIGN KEY ({}) REFERENCES {}")
            parts = (table, name, column, other)
            connection.execute(statement.format(*map(sql.Identifier, parts)))
    connection.commit()


def _load(connection: psycopg.Connection[tuple[object, ...]], name: str, frame: pl.DataFrame) -> None:
    columns = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(column), sql.SQL(_TYPES[type(dtype)]))
        for column, dtype in frame.schema.items()
    )
    table = sql.Identifier(name)
    connection.execute(sql.SQL("CREATE TABLE {} ({})").format(table, columns))
    with connection.cursor().copy(sql.SQL("COPY {} FROM STDIN (FORMAT csv, HEADER)").format(table)) as copy:
        copy.write(flights.as_csv(frame))
    if name in flights.KEYS:
        keys = sql.SQL(", ").join(map(sql.Identifier, flights.KEYS[name]))
        connection.execute(sql.SQL("ALTER TABLE {} ADD PRIMARY KEY ({})").format(table, keys))

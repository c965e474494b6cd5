"""The two stores everything else needs: PostgreSQL and Valkey, embedded or given."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from uzo.local import postgres as embedded_postgres
from uzo.local import valkey as embedded_valkey
from uzo.local.ports import free_port
from uzo.local.progress import step
from uzo.local.service import Service
from uzo.local.state import Services, embedded, remember
from uzo.local.supervisor import Supervisor


@dataclass(frozen=True, slots=True)
class Databases:
    """Their addresses. `admin_url` may create databases and roles; `prefix` begins the names of further
    databases, so that several UZOs can share a given server."""

    database_url: str
    redis_url: str
    admin_url: str
    prefix: str

    def url(self, database: str, *, user: str | None = None, password: str | None = None) -> str:
        """The address of another database on the same server."""
        parts = urlsplit(self.admin_url)
        user = unquote(parts.username or "") if user is None else user
        password = unquote(parts.password or "") if password is None else password
        secret = f":{quote(password, safe='')}" if password else ""
        netloc = f"{quote(user, safe='')}{secret}@{parts.hostname}:{parts.port or 5432}"
        return urlunsplit((parts.scheme, netloc, f"/{database}", "", ""))

    @property
    def address(self) -> str:
        """`host:port` of the PostgreSQL server."""
        parts = urlsplit(self.admin_url)
        return f"{parts.hostname}:{parts.port or 5432}"


def start(
    supervisor: Supervisor,
    data_dir: Path,
    *,
    database_url: str | None,
    redis_url: str | None,
    forgetful: bool = False,
) -> Databases:
    """Start what was not given, wait until both answer, and remember the addresses for other commands.

    `forgetful` trades safety against power cuts for speed: for tests.
    """
    known = embedded(data_dir)
    names = [name for name, given in (("PostgreSQL", database_url), ("Valkey", redis_url)) if given is None]
    title = f"Starting {' and '.join(names)}" if names else "Using the given PostgreSQL and Redis"
    with step(title):
        services: list[Service] = []
        admin_url, prefix = database_url or "", _prefix(database_url)
        if database_url is None:
            postgres = embedded_postgres.prepare(
                data_dir, port=free_port(urlsplit(known.database_url).port), forgetful=forgetful
            )
            services.append(postgres.service())
            database_url, admin_url = postgres.url(), postgres.url("postgres")
        if redis_url is None:
            port = free_port(urlsplit(known.redis_url).port)
            valkey = embedded_valkey.prepare(data_dir, port=port, durable=not forgetful)
            services.append(valkey.service())
            redis_url = valkey.url
        supervisor.run(*services)
        if not prefix:
            embedded_postgres.ensure_database(admin_url, embedded_postgres.DATABASE)
    return _remembered(Databases(database_url, redis_url, admin_url, prefix), known, data_dir)


def _prefix(database_url: str | None) -> str:
    return "" if database_url is None else f"{unquote(urlsplit(database_url).path.lstrip('/'))}_"


def _remembered(databases: Databases, known: Services, data_dir: Path) -> Databases:
    remember(Services(databases.database_url, databases.redis_url, known.prefect_port), data_dir)
    return databases

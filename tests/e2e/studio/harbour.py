"""Where somebody new begins: an empty job, tables that nobody has seen yet, and people without a past."""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from tests.e2e.client import Uzo

PASSWORD = "a-long-walk-along-the-quay"
ARRIVALS = 3000
FLAGS = ("DK", "NO", "PT")

TABLES = """
CREATE TABLE {ships} AS
  SELECT n AS ship, 'Ship ' || n AS name, ('{{DK,NO,PT}}'::text[])[1 + n % 3] AS flag FROM generate_series(1, 40) n;
CREATE TABLE {logbook} AS
  SELECT n AS arrival, 1 + n % 40 AS ship, 1 + n % 5 AS quay, n % 90 AS late_minutes,
         CASE WHEN n = 90 THEN 'grain' ELSE (n % 7)::text END AS crates
  FROM generate_series(1, {arrivals}) n;
-- Who reads to its end waits there a moment: so that there is something to watch.
CREATE VIEW {view} AS
  SELECT * FROM {logbook} WHERE CASE WHEN arrival = {arrivals} THEN pg_sleep(1.5) IS NOT NULL ELSE true END;
"""


class Harbour:
    """A workspace of its own, and two people who are new: Nadia, who manages it, and Ravi, who may do nothing yet."""

    def __init__(self, owner: Uzo, demo: dict[str, Any]) -> None:
        self.owner = owner
        self.mark = secrets.token_hex(3)
        self.target = urlsplit(demo["sink_dsn"])
        self.dsn: str = demo["sink_dsn"]
        roles = {role["name"].lower(): role["id"] for role in owner.get("roles")["results"]}
        self.nadia = self._person("Nadia Okafor", roles["editor"])
        self.ravi = self._person("Ravi Menon", roles["viewer"])
        workspace = owner.post("workspaces", {"name": f"Harbour {self.mark}"})
        grant = {"object_type": "workspace", "object_id": workspace["id"], "user_id": self.nadia["id"]}
        owner.post("permissions", {**grant, "permission": "admin"})
        folder = owner.post(f"workspaces/{workspace['id']}/folders", {"name": "Arrivals"})
        self.job: dict[str, Any] = owner.post(f"folders/{folder['id']}/jobs", {"name": "Nightly"})
        self.arrivals, self.ships, self.tally = (f"{name}_{self.mark}" for name in ("arrivals", "ships", "tally"))

    def _person(self, name: str, role: str) -> dict[str, Any]:
        email = f"{name.split(maxsplit=1)[0].lower()}.{self.mark}@harbour.example"
        body = {"email": email, "name": f"{name} {self.mark}", "password": PASSWORD, "role_id": role}
        made: dict[str, Any] = self.owner.post("users", body)
        return made

    def fill(self) -> None:
        named = {"ships": self.ships, "view": self.arrivals, "logbook": f"logbook_{self.mark}"}
        statement = sql.SQL(TABLES).format(
            arrivals=sql.Literal(ARRIVALS), **{key: sql.Identifier(name) for key, name in named.items()}
        )
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            connection.execute(statement)

    def clear(self) -> None:
        names = sql.SQL(", ").join(map(sql.Identifier, (self.ships, f"logbook_{self.mark}", self.tally)))
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP TABLE IF EXISTS {} CASCADE").format(names))

    def tallied(self) -> list[tuple[Any, ...]]:
        """The rows that the workflow has written."""
        with psycopg.connect(self.dsn) as connection:
            return connection.execute(
                sql.SQL("SELECT * FROM {} ORDER BY 1").format(sql.Identifier(self.tally))
            ).fetchall()

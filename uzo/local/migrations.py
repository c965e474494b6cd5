"""What a database was prepared for: a stamp that lies in the database itself, as its comment."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from uzo.local.stack import ROOT

PREFIX = "uzo prepared for"


@dataclass(frozen=True, slots=True)
class Stamp:
    """Fingerprints of the schema that a database has, and of the people that were made in it."""

    schema: str = ""
    people: str = ""


def digest(root: Path = ROOT) -> str:
    """A fingerprint of all that migrating depends on: our migrations, and the versions of libraries."""
    sum_ = hashlib.sha256()
    for path in _sources(root):
        sum_.update(str(path.relative_to(root)).encode())
        sum_.update(path.read_bytes())
    return sum_.hexdigest()


def _sources(root: Path) -> Iterable[Path]:
    yield from sorted((root / "apps").glob("*/migrations/*.py"))
    yield root / "requirements" / "base.txt"
    yield root / "uzo" / "settings" / "apps.py"


def read(database_url: str) -> Stamp:
    """The stamp that an earlier start left; an empty one if there is none."""
    with psycopg.connect(database_url) as connection:
        row = connection.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()"
        ).fetchone()
    comment = row[0] if row else None
    if not comment or not comment.startswith(PREFIX):
        return Stamp()
    return Stamp(*comment.removeprefix(PREFIX).split())


def write(database_url: str, stamp: Stamp) -> None:
    """Leave a stamp for the next start."""
    comment = sql.Literal(f"{PREFIX} {stamp.schema} {stamp.people}")
    with psycopg.connect(database_url, autocommit=True) as connection:
        name = sql.Identifier(connection.info.dbname)
        connection.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(name, comment))

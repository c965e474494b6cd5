"""Who is in the demo: two tenants, four people each, and an operator."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from uzo.local.state import write_private

DEMO_FILE = "demo.json"


@dataclass(frozen=True, slots=True)
class Person:
    role: str
    name: str
    email: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Tenant:
    """`key` names its target database."""

    key: str
    name: str
    host: str
    people: tuple[Person, ...]

    @property
    def owner(self) -> Person:
        return next(person for person in self.people if person.role == "owner")


@dataclass(frozen=True, slots=True)
class Cast:
    operator: Person
    operator_host: str
    tenants: tuple[Tenant, ...]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def digest(self) -> str:
        """A fingerprint of all of it. The passwords are random, so nothing can be guessed from it."""
        return hashlib.sha256(json.dumps(self.as_json(), sort_keys=True).encode()).hexdigest()


_TENANTS = (
    ("demo", "Hudson Air Analytics", "localhost", "hudson.example", "Ada Marlow, Ben Okoro, Cleo Lindt, Dan Reyes"),
    ("rival", "Rival Airways", "rival.localhost", "rival.example", "Eve Stone, Finn Berg, Gia Russo, Hal Novak"),
)
_ROLES = ("owner", "editor", "runner", "viewer")


def known(data_dir: Path) -> Mapping[str, Any]:
    """What the last start wrote into the demo's file; empty if there was none."""
    try:
        content: dict[str, Any] = json.loads((data_dir / DEMO_FILE).read_text())
    except FileNotFoundError:
        return {}
    return content


def cast(data_dir: Path, *, operator_host: str) -> Cast:
    """Everybody, with the passwords that the demo's file knows, or new ones."""
    before = known(data_dir)
    passwords = {
        (_host(tenant["host"]), login["email"]): login["password"]
        for tenant in before.get("tenants", [])
        for login in tenant["logins"]
    }

    def password(host: str, email: str) -> str:
        return passwords.get((host, email)) or secrets.token_urlsafe(12)

    tenants = tuple(
        Tenant(key, title, host, tuple(_people(host, mail_domain, names, password)))
        for key, title, host, mail_domain, names in _TENANTS
    )
    operator_password = before.get("operator", {}).get("password") or secrets.token_urlsafe(12)
    return Cast(Person("operator", "Op Erator", "operator@uzo.example", operator_password), operator_host, tenants)


def _people(host: str, mail_domain: str, names: str, password: Callable[[str, str], str]) -> list[Person]:
    people = []
    for role, name in zip(_ROLES, names.split(", "), strict=True):
        email = f"{name.split()[0].lower()}@{mail_domain}"
        people.append(Person(role, name, email, password(host, email)))
    return people


def _host(host: str) -> str:
    return host.partition(":")[0]


def remember(data_dir: Path, content: Mapping[str, Any]) -> Path:
    """Write the demo's file, mode 600, as the contract says it."""
    path = data_dir / DEMO_FILE
    write_private(path, json.dumps(content, indent=2))
    return path

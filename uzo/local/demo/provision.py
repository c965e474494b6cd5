"""Brings the database to the present schema and makes operator, tenants and people.

A program of its own (`python -m uzo.local.demo.provision`), since it alone of the launcher needs Django:
it reads the cast as JSON from standard input.
"""

from __future__ import annotations

import json
import sys
from typing import Any


def migrate() -> None:
    """Bring the public schema and every tenant's to the present state."""
    from django.core.management import call_command

    call_command("migrate_schemas", interactive=False, verbosity=0)


def ensure_operator(*, email: str, name: str, password: str) -> None:
    """Make the operator of the public schema, or set the password that the demo's file will show."""
    from django_tenants.utils import get_public_schema_name, schema_context

    from apps.accounts.models import User

    with schema_context(get_public_schema_name()):
        user = User.objects.filter(email=email).first()
        if user is None:
            User.objects.create_superuser(email, password, name=name)
        else:
            _set_password(user, password)


def ensure_tenant(tenant: dict[str, Any]) -> None:
    """Make the tenant and its people, or set the passwords that the demo's file will show."""
    from django_tenants.utils import tenant_context

    from apps.accounts.models import Role, User
    from apps.tenants.events import FirstOwner
    from apps.tenants.models import Domain
    from apps.tenants.services import provision

    domain = Domain.objects.select_related("tenant").filter(domain=tenant["host"]).first()
    owner = next(person for person in tenant["people"] if person["role"] == "owner")
    subscription = (
        domain.tenant
        if domain is not None
        else provision(
            name=tenant["name"],
            host=tenant["host"],
            plan_key="enterprise",
            registration_open=True,
            owner=FirstOwner(email=owner["email"], name=owner["name"], password=owner["password"]),
        )
    )
    with tenant_context(subscription):
        for person in tenant["people"]:
            user = User.objects.filter(email=person["email"]).first()
            if user is None:
                role = Role.objects.get(name=person["role"])
                User.objects.create_user(person["email"], person["password"], name=person["name"], role=role)
            else:
                _set_password(user, person["password"])


def _set_password(user: Any, password: str) -> None:
    if not user.check_password(password):
        user.set_password(password)
        user.save(update_fields=["password"])


def main() -> None:
    import django

    django.setup()
    cast = json.load(sys.stdin)
    if cast["migrate"]:
        migrate()
    ensure_operator(**{key: cast["operator"][key] for key in ("email", "name", "password")})
    for tenant in cast["tenants"]:
        ensure_tenant(tenant)


if __name__ == "__main__":
    main()

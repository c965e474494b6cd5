"""`manage.py create_tenant "Harbour office" harbour.example --plan premium --owner olive@harbour.example`"""

from __future__ import annotations

import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.kernel.errors import UzoError
from apps.tenants.events import FirstOwner
from apps.tenants.services import provision


def explain(error: UzoError) -> CommandError:
    """A command's error from ours, with every wrong field."""
    parts = [error.message, *(f"{each.field}: {each.message}" for each in getattr(error, "errors", ())), error.remedy]
    return CommandError("; ".join(part for part in parts if part))


class Command(BaseCommand):
    help = "Make a tenant: its schema, its host, and its first owner"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.add_argument("host")
        parser.add_argument("--plan", default="standard")
        parser.add_argument("--owner", help="email of the first owner")
        parser.add_argument("--owner-name", default="")
        parser.add_argument(
            "--password-variable",
            help="environment variable that holds the owner's password; without it they ask for one by mail",
        )
        parser.add_argument("--open-registration", action="store_true")

    def handle(self, *_: Any, **options: Any) -> None:
        variable = options["password_variable"]
        password = os.environ.get(variable) if variable else None
        if variable and not password:
            raise CommandError(f"The environment variable {variable} is not set")
        owner = (
            FirstOwner(email=options["owner"], name=options["owner_name"], password=password)
            if options["owner"]
            else None
        )
        try:
            subscription = provision(
                name=options["name"],
                host=options["host"],
                plan_key=options["plan"],
                registration_open=options["open_registration"],
                owner=owner,
            )
        except UzoError as error:
            raise explain(error) from error
        self.stdout.write(f"{subscription.id} {options['host']} {subscription.schema_name}")

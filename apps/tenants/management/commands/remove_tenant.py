"""`manage.py remove_tenant harbour.example --yes`: the schema and all that is in it are gone."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.kernel.errors import UzoError
from apps.tenants.management.commands.create_tenant import explain
from apps.tenants.management.finding import subscription_named
from apps.tenants.services import remove


class Command(BaseCommand):
    help = "Remove a suspended tenant with all its data, for good"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("subscription", help="id or host")
        parser.add_argument("--yes", action="store_true", help="there is no way back, and I know it")

    def handle(self, *_: Any, **options: Any) -> None:
        subscription = subscription_named(options["subscription"])
        if not options["yes"]:
            raise CommandError(f"This drops everything of {subscription.name}. Say --yes if you mean it")
        identity = subscription.id
        try:
            remove(subscription=subscription)
        except UzoError as error:
            raise explain(error) from error
        self.stdout.write(f"{identity} is removed")

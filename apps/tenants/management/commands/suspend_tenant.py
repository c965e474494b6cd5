"""`manage.py suspend_tenant harbour.example` and, with `--resume`, the way back."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from apps.kernel.errors import UzoError
from apps.tenants.management.commands.create_tenant import explain
from apps.tenants.management.finding import subscription_named
from apps.tenants.services import resume, suspend


class Command(BaseCommand):
    help = "Close a tenant to everybody; nothing is deleted"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("subscription", help="id or host")
        parser.add_argument("--resume", action="store_true", help="open it again")

    def handle(self, *_: Any, **options: Any) -> None:
        subscription = subscription_named(options["subscription"])
        try:
            (resume if options["resume"] else suspend)(subscription=subscription)
        except UzoError as error:
            raise explain(error) from error
        self.stdout.write(f"{subscription.id} is {subscription.status}")

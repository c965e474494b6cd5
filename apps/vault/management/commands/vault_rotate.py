import getpass
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django_tenants.utils import schema_context

from apps.kernel.errors import UzoError
from apps.vault import services


class Command(BaseCommand):
    help = "Change the master password (old and new one, a line each), or with --tenant give it a new data key"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--tenant", metavar="SCHEMA", help="schema of the tenant that gets a new data key")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        try:
            if options["tenant"]:
                with schema_context(options["tenant"]):
                    services.rotate_data_key()
                self.stdout.write("The tenant's secrets are sealed with a new data key")
                return
            count = services.change_password(old=self._ask("Old"), new=self._ask("New"))
        except UzoError as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"{count} data keys are sealed with the new master password; update the key file")

    def _ask(self, which: str) -> str:
        if sys.stdin.isatty():
            return getpass.getpass(f"{which} master password: ")
        return sys.stdin.readline().rstrip("\n")

import getpass
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.kernel.errors import UzoError
from apps.vault import services


class Command(BaseCommand):
    help = "Open the vault with its master password, read from the terminal or from standard input"

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        asked = getpass.getpass("Master password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
        try:
            services.unlock(password=asked)
        except UzoError as error:
            raise CommandError(error.message) from error
        self.stdout.write("The vault is open")

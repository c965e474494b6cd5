from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.kernel.errors import UzoError
from apps.vault import services


class Command(BaseCommand):
    help = "Close the vault on all machines; runs wait until it is open again"

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        try:
            services.lock()
        except UzoError as error:
            raise CommandError(error.message) from error
        self.stdout.write("The vault is sealed")

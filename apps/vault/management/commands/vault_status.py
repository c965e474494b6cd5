from typing import Any

from django.core.management.base import BaseCommand

from apps.vault import state


class Command(BaseCommand):
    help = "Tell whether the vault is open, and if not, why"

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        found = state.current()
        if not found.initialised:
            self.stdout.write("The vault has no master password yet")
        elif found.sealed:
            self.stdout.write(f"The vault is sealed ({found.reason})")
        else:
            self.stdout.write("The vault is open")

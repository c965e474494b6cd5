"""`manage.py create_operator ada@platform.example --password-variable PASSWORD`: somebody for the operator's host."""

from __future__ import annotations

import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django_tenants.utils import get_public_schema_name, schema_context

from apps.accounts.models import User


class Command(BaseCommand):
    help = "Make an operator of the platform, or give one a new password"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--name", default="")
        parser.add_argument("--password-variable", required=True, help="environment variable that holds the password")

    def handle(self, *_: Any, **options: Any) -> None:
        password = os.environ.get(options["password_variable"])
        if not password:
            raise CommandError(f"The environment variable {options['password_variable']} is not set")
        with schema_context(get_public_schema_name()):
            user = User.objects.living().filter(email=options["email"].lower()).first()
            if user is None:
                user = User.objects.create_superuser(options["email"], password, name=options["name"])
            else:
                user.set_password(password)
                user.is_staff = user.is_owner = user.is_active = True
                user.save()
        self.stdout.write(f"{user.id} {user.email}")

"""The database connection as django-tenants makes it: with `tenant`, `schema_name`, `set_tenant`."""

from __future__ import annotations

from typing import Any

from django.db import connection as _connection

connection: Any = _connection

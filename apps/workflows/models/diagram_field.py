"""JSON that comes back as it was saved, the order of keys included."""

from __future__ import annotations

from typing import Any

from django.db import models
from psycopg.types.json import Json


class DiagramField(models.Field):  # type: ignore[type-arg]
    """A PostgreSQL `json` column. `jsonb`, which Django's JSONField uses, sorts keys, and a diagram's
    `derive.expressions` gives the order of columns by them.

    It cannot be filtered or made distinct; what lists filter by stands in WorkflowNode.
    """

    empty_strings_allowed = False

    def db_type(self, connection: Any) -> str:  # noqa: ARG002
        return "json"

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:  # noqa: ARG002
        return value if value is None or isinstance(value, Json) else Json(value)

    def value_to_string(self, obj: models.Model) -> Any:
        return self.value_from_object(obj)

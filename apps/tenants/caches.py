"""Two caches of our libraries mix tenants; both get the schema into their key (THREATS 3).

Django keeps content types per process, django-tenants empties that on each switch, which races between
threads. guardian keeps content types per process for ever.
"""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from functools import lru_cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections

from apps.kernel.connections import connection


class PerSchema(MutableMapping[str, Any]):
    """A mapping with separate content for each schema; `clear` empties the current schema's alone."""

    def __init__(self) -> None:
        self._by_schema: dict[str, dict[str, Any]] = {}

    def _current(self) -> dict[str, Any]:
        return self._by_schema.setdefault(connection.schema_name, {})

    def __getitem__(self, key: str) -> Any:
        return self._current()[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self._current()[key] = value

    def __delitem__(self, key: str) -> None:
        del self._current()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._current())

    def __len__(self) -> int:
        return len(self._current())

    def clear(self) -> None:
        # django-tenants calls this from within the making of a thread's connection: there is none to ask yet.
        made = getattr(connections._connections, DEFAULT_DB_ALIAS, None)  # type: ignore[attr-defined]
        if made is not None:
            # A new dictionary, so that a thread that is reading the old one is not disturbed.
            self._by_schema[made.schema_name] = {}


def key_by_schema() -> None:
    """Mend both caches; called once, when the apps are loaded."""
    from django.contrib.contenttypes.models import ContentType
    from guardian import shortcuts

    ContentType.objects._cache = PerSchema()  # type: ignore[attr-defined]

    def content_type(app_label: str, codename: str) -> ContentType:
        return ContentType.objects.get(app_label=app_label, permission__codename=codename)

    # The same function without its memory; guardian still calls `cache_clear` on it.
    shortcuts._get_ct_cached = lru_cache(maxsize=0)(content_type)

"""Rows inside a JSON answer."""

from __future__ import annotations

import json
from typing import Any

from apps.connectors.sdk.errors import failure


def parse(content: bytes) -> Any:
    """Raises `invalid_response` for what is no JSON, or too deep to be data."""
    try:
        return json.loads(content) if content.strip() else []
    except (ValueError, RecursionError) as error:
        raise failure("invalid_response", "the answer is not JSON", remedy="Check the path and the headers.") from error


def at_path(body: Any, path: str) -> Any:
    """What stands at `a.b.c`; None if nothing does."""
    for key in filter(None, path.split(".")):
        if not isinstance(body, dict):
            return None
        body = body.get(key)
    return body


def rows_of(body: Any, path: str | None) -> list[dict[str, Any]]:
    """The rows: at `path`, or, without one, the list itself, the only list of objects inside the object,
    or the object as one row. Values that are no objects become rows of one column, `value`."""
    found = at_path(body, path) if path else body
    if path and found is None:
        raise failure("invalid_response", f"the answer holds nothing at {path!r}", remedy="Check records_path.")
    if isinstance(found, dict) and not path:
        lists = [item for item in found.values() if _is_rows(item)]
        found = lists[0] if len(lists) == 1 else found
    items = found if isinstance(found, list) else [found]
    return [item if isinstance(item, dict) else {"value": item} for item in items]


def _is_rows(item: Any) -> bool:
    return isinstance(item, list) and all(isinstance(row, dict) for row in item)

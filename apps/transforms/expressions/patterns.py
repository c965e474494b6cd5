"""Patterns that people write: regular expressions (linear time, bounded size), LIKE, JSON paths."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

import polars as pl

MAX_PATTERN: Final = 1_000
"""Characters of a regular expression."""
_JSON_PATH: Final = re.compile(r"^\$(?:\.[^\s.\[\]'\"*?@()]{1,200}|\[[0-9]{1,9}\]|\['[^'\\\]]{1,200}'\])*$")

_FORMAT_CODE: Final = re.compile(r"%(?:[-_0]?[YCymbBhdeaAwuUWGgVjDxFvHkIlPpMSTXRrsnt%]|\.?[369]?f)", re.DOTALL)


@lru_cache(maxsize=1024)
def regex_error(pattern: str) -> str | None:
    """What is wrong with a regular expression of the linear-time engine, or None. Its automaton is bounded too."""
    if len(pattern) > MAX_PATTERN:
        return f"a regular expression has at most {MAX_PATTERN:,} characters"
    try:
        pl.Series([""]).str.contains(pattern)
    except pl.exceptions.ComputeError as error:
        reason = str(error).strip().splitlines()
        return f"not a regular expression of the linear-time engine: {reason[-1][:200]}"
    return None


@lru_cache(maxsize=1024)
def format_error(layout: str) -> str | None:
    """What is wrong with a format of strftime, or None."""
    if len(layout) > MAX_PATTERN:
        return f"a format has at most {MAX_PATTERN:,} characters"
    rest = _FORMAT_CODE.sub("", layout)
    return None if "%" not in rest else f"{rest[rest.index('%') :][:3]!r} is not a code of strftime"


def json_path_error(path: str) -> str | None:
    """What is wrong with a path of the form `$.a.b[0]`, or None."""
    if len(path) > MAX_PATTERN or not _JSON_PATH.match(path):
        return "a JSON path is written like $.a.b[0]"
    return None


def like_to_regex(pattern: str, *, ignore_case: bool) -> str:
    """A regular expression for a LIKE pattern, in which `%` is any text and `_` any one character."""
    body = "".join({"%": ".*", "_": "."}.get(part, re.escape(part)) for part in re.split(r"([%_])", pattern) if part)
    return f"(?s{'i' if ignore_case else ''})^{body}$"

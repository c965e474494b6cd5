"""Patterns that people write: regular expressions (linear time, bounded size), LIKE, JSON paths."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

import polars as pl

MAX_PATTERN: Final = 1_000
"""Characters of a regular expression."""
MAX_UNFOLDED: Final = 1_000
"""Characters of a regular expression once its counted repetitions are written out. Time is linear in the text,
but each character of it may cost as much as the pattern is long: `(?:.{0,900}){0,10}` took 50 s for 200 kB."""
_JSON_PATH: Final = re.compile(r"^\$(?:\.[^\s.\[\]'\"*?@()]{1,200}|\[[0-9]{1,9}\]|\['[^'\\\]]{1,200}'\])*$")
_PIECE: Final = re.compile(
    r"\((?:\?(?:P?<\w+>|[a-zA-Z-]*:))?|\\(?:[pPx]\{[^}]*\}|.)|\[\^?\]?(?:\\.|\[:[^\]]*:\]|[^\]\\])*\]|\{(?P<least>[0-9]*)(?:,(?P<most>[0-9]*))?\}|.",
    re.DOTALL,
)
"""The beginning of a group, an escape, a class, a counted repetition, or one character."""

_FORMAT_CODE: Final = re.compile(r"%(?:[-_0]?[YCymbBhdeaAwuUWGgVjDxFvHkIlPpMSTXRrsnt%]|\.?[369]?f)", re.DOTALL)


@lru_cache(maxsize=1024)
def regex_error(pattern: str) -> str | None:
    """What is wrong with a regular expression of the linear-time engine, or None. Its automaton is bounded too."""
    if len(pattern) > MAX_PATTERN:
        return f"a regular expression has at most {MAX_PATTERN:,} characters"
    if unfolded(pattern) > MAX_UNFOLDED:
        return (
            f"its counted repetitions, written out, have more than {MAX_UNFOLDED:,} characters: it would take too long"
        )
    try:
        pl.Series([""]).str.contains(pattern)
    except pl.exceptions.ComputeError as error:
        # What Polars was doing comes after an empty line.
        reason = str(error).partition("\n\n")[0].strip().splitlines()
        return f"not a regular expression of the linear-time engine: {reason[-1][:200]}"
    return None


def unfolded(pattern: str) -> int:
    """How many characters (and classes) a pattern has once `x{2,5}` is written as five `x`."""
    sizes, last = [0], [0]  # of each open group, and of the atom that a repetition would repeat
    for found in _PIECE.finditer(pattern):
        piece = found.group()
        if piece.startswith("("):
            sizes.append(0)
            last.append(0)
        elif piece == ")" and len(sizes) > 1:
            inner = sizes.pop()
            last.pop()
            sizes[-1] += inner
            last[-1] = inner
        elif found["least"] is not None:
            times = max(1, int(found["least"] or 0), int(found["most"] or 0))
            sizes[-1] += last[-1] * (times - 1)
            last[-1] *= times
        elif piece not in ("|", "*", "+", "?", "^", "$"):
            sizes[-1] += 1
            last[-1] = 1
    return sum(sizes)


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

"""Did you mean …?"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def closest(name: str, known: Iterable[str]) -> str | None:
    """The known name most like the one that was written, if any is like it at all."""
    names = list(known)
    folded = {each.casefold(): each for each in reversed(names)}
    if (exact := folded.get(name.casefold())) is not None:
        return exact
    matches = get_close_matches(name.casefold()[:200], folded, n=1, cutoff=0.6)
    return folded[matches[0]] if matches else None


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The end of a message: `; did you mean 'dep_delay'?`, or nothing."""
    suggestion = closest(name, known)
    return f"; did you mean {suggestion!r}?" if suggestion is not None else ""


def no_such_column(name: str, known: Iterable[str]) -> str:
    """The message for a column that is not there."""
    return f"there is no column {name[:100]!r}{did_you_mean(name, known)}"

"""Telling code from a slip of the pen, in a text that is no expression.

Nothing here decides what is run: the text has been refused already. It only says `forbidden` instead of
`syntax` to whoever wrote code of another language, and points at it.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from apps.transforms.expressions.faults import Fault
from apps.transforms.expressions.functions import REFUSED
from apps.transforms.expressions.tokens import spelling_of, tokenize

_WORDS: Final = frozenset({"lambda", "import"})


def code_in(text: str) -> Fault | None:
    """What says that a refused text is code: a dunder name, `lambda`, `import`, or a call that is refused."""
    try:
        tokens = tokenize(text, spelling_of(text))
    except Fault:
        return None
    for token, follows in pairwise(tokens):
        if token.kind != "name":
            continue
        name = str(token.value)
        called = follows.is_operator("(") and name.lower() in REFUSED
        if called or name.startswith("__") or name in _WORDS:
            reason = REFUSED[name.lower()] if called else REFUSED["eval"]
            return Fault("forbidden", f"{name[:60]} is not allowed: {reason}", token.start, token.end)
    return None

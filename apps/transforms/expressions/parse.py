"""Reading an expression in either spelling."""

from __future__ import annotations

from functools import lru_cache

from apps.transforms.expressions.code import code_in
from apps.transforms.expressions.faults import MAX_CHARACTERS, Fault
from apps.transforms.expressions.parsing import bound_levels
from apps.transforms.expressions.polars_parser import PolarsParser
from apps.transforms.expressions.sql_parser import SqlParser
from apps.transforms.expressions.syntax import Syntax
from apps.transforms.expressions.tokens import spelling_of


def parse(text: str) -> Syntax:
    """The syntax tree of an expression. Raises Fault, and nothing else, for what is none."""
    read = _read(text) if len(text) < MAX_CHARACTERS else _too_long(text)
    if isinstance(read, Fault):
        raise Fault(read.code, read.message, *read.position)
    return read


@lru_cache(maxsize=4096)
def _read(text: str) -> Syntax | Fault:
    try:
        if not text.strip():
            return Fault("syntax", "the expression is empty", 0, len(text))
        tree = PolarsParser(text).parse() if spelling_of(text) == "polars" else SqlParser(text).parse()
        bound_levels(tree)
    except Fault as fault:
        return (code_in(text) or fault).with_traceback(None) if fault.code == "syntax" else fault.with_traceback(None)
    return tree


def _too_long(text: str) -> Fault:
    return Fault("too_complex", f"an expression has fewer than {MAX_CHARACTERS:,} characters", 0, len(text))

"""What both parsers share: a cursor over tokens, a bound on depth, literals, argument lists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Final

from apps.nodes.columns import BOOLEAN, FLOAT64, INT64, NULL, STRING, UINT64, DataType
from apps.transforms.expressions.faults import MAX_LEVELS, Fault
from apps.transforms.expressions.syntax import Call, Cast, Literal, Parameter, Syntax, children
from apps.transforms.expressions.tokens import Spelling, Token, tokenize

_PLACEHOLDER: Final = re.compile(r"(\{\{[^{}]{1,200}\}\})")
_INT64: Final = range(-(2**63), 2**63)
_CHAINS: Final = ("and", "or", "||")


class Parser:
    """A cursor over the tokens of `text`, from `first` on. Every method raises Fault for what it cannot read."""

    spelling: Spelling

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokenize(text, self.spelling)
        self.index = 0
        self._depth = 0

    @property
    def token(self) -> Token:
        return self.tokens[self.index]

    @property
    def following(self) -> Token:
        return self.tokens[min(self.index + 1, len(self.tokens) - 1)]

    def advance(self) -> Token:
        token = self.token
        if token.kind != "end":
            self.index += 1
        return token

    def accept(self, *characters: str) -> Token | None:
        return self.advance() if self.token.is_operator(*characters) else None

    def expect(self, character: str, what: str) -> Token:
        token = self.accept(character)
        if token is None:
            raise self.unexpected(f"{character!r} {what}")
        return token

    def unexpected(self, wanted: str) -> Fault:
        """A Fault at the present token."""
        token = self.token
        if token.kind == "end":
            start = max(0, len(self.text.rstrip()) - 1)
            return Fault("syntax", f"the expression ends where {wanted} should follow", start, len(self.text))
        found = self.text[token.start : token.end]
        return Fault("syntax", f"expected {wanted}, found {found[:40]!r}", token.start, token.end)

    @contextmanager
    def level(self) -> Iterator[None]:
        """One level deeper, as long as there are any left."""
        self._depth += 1
        if self._depth > MAX_LEVELS:
            raise too_deep(self.token.start, len(self.text))
        yield
        self._depth -= 1


def too_deep(start: int, end: int) -> Fault:
    return Fault("too_complex", f"an expression has fewer than {MAX_LEVELS} levels", start, end)


def number(value: int | Decimal | float, start: int, end: int) -> Literal:
    """A number as it was written; whole ones beyond 64 bits are decimals."""
    if not isinstance(value, int):
        return Literal(start, end, value, FLOAT64)
    if value in _INT64:
        return Literal(start, end, value, INT64)
    if 0 <= value < 2**64:
        return Literal(start, end, value, UINT64)
    return Literal(start, end, Decimal(value), DataType("decimal", precision=38, scale=0))


def negative(sign: Token, operand: Syntax) -> Syntax:
    """Minus: of a number a negative number, so that the least int64 can be written."""
    if isinstance(operand, Literal) and isinstance(operand.value, int | Decimal | float) and operand.type != BOOLEAN:
        return number(-operand.value, sign.start, operand.end)
    return Call(sign.start, operand.end, "negate", (operand,), (), sign.start, sign.end)


def text(value: str, start: int, end: int) -> Syntax:
    """A text constant; `{{ name }}` inside it is the parameter's value as text, never code."""
    if "{{" not in value:
        return Literal(start, end, value, STRING)
    parts: list[Syntax] = []
    for index, part in enumerate(_PLACEHOLDER.split(value)):
        if index % 2 and part[2:-2].strip():
            parts.append(Cast(start, end, Parameter(start, end, part[2:-2].strip()), STRING, True))
        elif part:
            parts.append(Literal(start, end, part, STRING))
    if len(parts) == 1:
        return parts[0]
    return Call(start, end, "||", tuple(parts), (), start, end)


def constant(word: str, start: int, end: int) -> Literal | None:
    """TRUE, FALSE or NULL, if that is what the word says."""
    match word:
        case "TRUE":
            return Literal(start, end, True, BOOLEAN)
        case "FALSE":
            return Literal(start, end, False, BOOLEAN)
        case "NULL" | "NONE":
            return Literal(start, end, None, NULL)
        case _:
            return None


def chain(function: str, left: Syntax, right: Syntax, sign: Token, grouped: bool) -> Call:
    """An operator between two operands; a run of the same associative one (`a AND b AND c`) is one call."""
    first: tuple[Syntax, ...] = (left,)
    if function in _CHAINS and not grouped and isinstance(left, Call) and left.function == function:
        first = left.arguments
    return Call(left.start, right.end, function, (*first, right), (), sign.start, sign.end)


def bound_levels(root: Syntax) -> None:
    """Raise Fault where a tree is deeper than allowed; walks without recursion."""
    pending = [(root, 1)]
    while pending:
        node, level = pending.pop()
        if level > MAX_LEVELS:
            raise too_deep(root.start, root.end)
        pending.extend((child, level + 1) for child in children(node))

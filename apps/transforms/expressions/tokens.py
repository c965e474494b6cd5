"""Cutting an expression into tokens, in linear time, by one regular expression per spelling."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Final, Literal

from apps.transforms.expressions.faults import Fault

Spelling = Literal["sql", "polars"]
Kind = Literal["number", "text", "quoted", "name", "parameter", "operator", "end"]

_COMMON: Final = r"""
  (?P<space>\s+)
| (?P<comment>--|/\*)
| (?P<parameter>\{\{[^{}]{0,200}\}\})
| (?P<number>(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
| (?P<name>[^\W\d]\w*)
| (?P<operator>\*\*|//|==|!=|<>|<=|>=|\|\||::|[-+*/%=<>()\[\]{}:,.&|~^])
"""
_PATTERNS: Final[dict[Spelling, re.Pattern[str]]] = {
    "sql": re.compile(
        _COMMON + r"""| (?P<text>'(?:[^']|'')*') | (?P<quoted>"(?:[^"]|"")*")""",
        re.VERBOSE | re.DOTALL,
    ),
    "polars": re.compile(
        _COMMON + r"""| (?P<text>'(?:[^'\\\n]|\\.)*' | "(?:[^"\\\n]|\\.)*")""",
        re.VERBOSE | re.DOTALL,
    ),
}
_ESCAPE: Final = re.compile(r"\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)", re.DOTALL)
_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "'": "'", '"': '"', "0": "\0"}
_MAX_DIGITS: Final = 38
_PARAMETER: Final = re.compile(r"\w[\w .-]*$")
_MARK: Final = re.compile(r"\b(?:col|lit|when)\s*\(")


@dataclass(frozen=True, slots=True)
class Token:
    """`value` is the decoded text, the number (int, or Decimal for one with a point or exponent), the
    name, or the operator's characters."""

    kind: Kind
    value: str | int | Decimal | float
    start: int
    end: int

    def is_operator(self, *characters: str) -> bool:
        return self.kind == "operator" and self.value in characters

    def is_word(self, *words: str) -> bool:
        """Whether this is a bare name that reads as one of these (upper-case) words."""
        return self.kind == "name" and str(self.value).upper() in words


def tokenize(text: str, spelling: Spelling) -> tuple[Token, ...]:
    """The tokens of an expression, the last of kind `end`. Raises Fault."""
    pattern = _PATTERNS[spelling]
    tokens: list[Token] = []
    position = 0
    while position < len(text):
        match = pattern.match(text, position)
        if match is None:
            raise _unreadable(text, position)
        start, position = match.span()
        kind, raw = match.lastgroup, match.group()
        if kind == "space":
            continue
        if kind == "comment":
            raise Fault("forbidden", "comments are not part of an expression", start, position)
        tokens.append(_token(kind, raw, start, position, spelling))
        follows = text[position : position + 1]
        if kind == "number" and (follows.isalnum() or follows == "_"):
            raise Fault("syntax", f"a number runs into {follows!r}", start, position + 1)
    tokens.append(Token("end", "", len(text), len(text)))
    return tuple(tokens)


def spelling_of(text: str) -> Spelling:
    """Which spelling a text is in: `col(` marks Polars; so do `lit(` and a leading `when(`, which SQL has not."""
    if not _MARK.search(text):
        return "sql"
    try:
        tokens = tokenize(text, "polars")
    except Fault:
        return "polars" if re.search(r"\bcol\s*\(\s*[\"']", text) else "sql"
    for index, (token, follows) in enumerate(pairwise(tokens)):
        if token.kind == "name" and follows.is_operator("("):
            if token.value in ("col", "lit"):
                return "polars"
            if token.value == "when" and (index == 0 or tokens[index - 1].is_operator(".")):
                return "polars"
    return "sql"


def _token(kind: str | None, raw: str, start: int, end: int, spelling: Spelling) -> Token:
    match kind:
        case "number":
            return Token("number", _number(raw, start, end), start, end)
        case "text" if spelling == "sql":
            return Token("text", raw[1:-1].replace("''", "'"), start, end)
        case "text":
            return Token("text", _unescape(raw[1:-1], start), start, end)
        case "quoted":
            return Token("quoted", raw[1:-1].replace('""', '"'), start, end)
        case "parameter":
            name = raw[2:-2].strip()
            if not name:
                raise Fault("syntax", "a parameter has a name: {{ name }}", start, end)
            if not _PARAMETER.match(name):
                raise Fault("syntax", "between {{ and }} stands the name of a parameter, never code", start, end)
            return Token("parameter", name, start, end)
        case "name":
            return Token("name", raw, start, end)
        case _:
            return Token("operator", raw, start, end)


def _number(raw: str, start: int, end: int) -> int | Decimal | float:
    if raw.isdigit():
        if len(raw.lstrip("0")) > _MAX_DIGITS:
            raise Fault("syntax", f"a number has at most {_MAX_DIGITS} digits", start, end)
        return int(raw)
    if "e" in raw or "E" in raw:
        return float(raw)
    return Decimal(raw)


def _unescape(body: str, start: int) -> str:
    if "\\" not in body:
        return body

    def decode(match: re.Match[str]) -> str:
        code = match.group(1)
        if code[0] in "ux" and len(code) > 1:
            character = chr(int(code[1:], 16))
            if "\ud800" <= character <= "\udfff":
                at = start + 1 + match.start()
                raise Fault("syntax", "half of a surrogate pair is no character", at, at + len(match.group()))
            return character
        return _ESCAPES.get(code, match.group())

    return _ESCAPE.sub(decode, body)


def _unreadable(text: str, position: int) -> Fault:
    character = text[position]
    if character in "'\"":
        return Fault("syntax", f"the {character} that opens here is never closed", position, len(text))
    if character == "{":
        return Fault("syntax", "a parameter is written {{ name }}", position, position + 1)
    if character in ";`@$!?\\":
        return Fault("syntax", f"{character!r} has no meaning in an expression", position, position + 1)
    return Fault("syntax", f"the character {character!r} is not part of an expression", position, position + 1)

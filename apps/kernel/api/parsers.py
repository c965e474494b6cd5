"""JSON as RFC 8259 has it, and no more: what cannot be stored and given back unchanged is refused here."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import IO, Any, NoReturn

from django.conf import settings
from rest_framework.parsers import BaseParser

from apps.kernel.errors import FieldError, Invalid, TooComplex, TooLarge

MAX_DEPTH = 64
_STRINGS = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_CURLY_AS_SQUARE = bytes.maketrans(b"{}", b"[]")
# Longer runs of digits may be more than a double holds; shorter ones cannot.
_LONG_INTEGER = re.compile(rb"\d{309}")
_RISKY_ESCAPE = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")


def _refuse(message: str, code: str = "syntax") -> NoReturn:
    raise Invalid("The body is not valid JSON", errors=[FieldError("", code, message)])


def _double(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        _refuse(f"{text[:40]} is beyond a double", "out_of_range")
    return value


def _integer(text: str) -> int:
    if len(text) > 400:
        _refuse("a number is beyond a double", "out_of_range")
    value = int(text)
    if math.isinf(_to_double(value)):
        _refuse("a number is beyond a double", "out_of_range")
    return value


def _to_double(value: int) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _constant(name: str) -> NoReturn:
    _refuse(f"{name} is not JSON", "out_of_range")


def _check_text(value: Any) -> None:
    """Refuse NUL, which PostgreSQL cannot store, and lone surrogates, which are not Unicode text."""
    match value:
        case str():
            if "\x00" in value:
                _refuse("a text holds the character NUL", "null_character")
            try:
                value.encode()
            except UnicodeEncodeError:
                _refuse("a text holds half of a surrogate pair", "lone_surrogate")
        case dict():
            for key, inner in value.items():
                _check_text(key)
                _check_text(inner)
        case list():
            for inner in value:
                _check_text(inner)


def deeper_than(body: bytes, limit: int) -> bool:
    """Whether arrays and objects nest deeper than `limit`, without parsing.

    Strings go, brackets stay; then each pass takes the innermost pairs away, all of it at C's speed.
    """
    brackets = _STRINGS.sub(b"", body).translate(_CURLY_AS_SQUARE, _NOT_BRACKETS)
    for _ in range(limit):
        if not brackets:
            return False
        brackets = brackets.replace(b"[]", b"")
    depth = 0
    for bracket in brackets:
        depth += 1 if bracket == ord("[") else -1
        if depth > limit:
            return True
    # What is left is not balanced (a syntax error, for the parser to name) unless a whole level remains.
    return bool(brackets) and brackets.count(b"[") == brackets.count(b"]") and b"[]" in brackets


def parse_json(body: bytes) -> Any:
    """The value of a JSON text in UTF-8, keys in order.

    Raises Invalid (syntax, NaN, numbers beyond a double, lone surrogates, NUL) and TooComplex (too deep).
    """
    if deeper_than(body, MAX_DEPTH):
        raise TooComplex(f"The body nests deeper than {MAX_DEPTH} levels", remedy="Make it flatter")
    try:
        value = json.loads(
            body.decode(),
            parse_constant=_constant,
            parse_float=_double,
            parse_int=_integer if _LONG_INTEGER.search(body) else None,
        )
    except UnicodeDecodeError as error:
        _refuse(f"byte {error.start} is not UTF-8")
    except json.JSONDecodeError as error:
        _refuse(f"{error.msg} at line {error.lineno}, column {error.colno}")
    if _RISKY_ESCAPE.search(body) or b"\x00" in body:
        _check_text(value)
    return value


def read_limited(stream: IO[bytes], limit: int) -> bytes:
    """The whole stream; raises TooLarge as soon as it is known to be longer than `limit` bytes."""
    body = stream.read(limit + 1)
    if len(body) > limit:
        raise TooLarge(f"The body is larger than {limit // 2**20} MB", remedy="Send less, or upload it as a file")
    return body


class StrictJSONParser(BaseParser):
    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,  # noqa: ARG002
        parser_context: Mapping[str, Any] | None = None,  # noqa: ARG002
    ) -> Any:
        return parse_json(read_limited(stream, settings.DATA_UPLOAD_MAX_MEMORY_SIZE))

"""JSON that cannot be stored and given back unchanged never comes in."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.kernel.api.parsers import MAX_DEPTH, deeper_than, parse_json
from apps.kernel.errors import Invalid, TooComplex

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


@given(VALUES)
def test_what_is_json_comes_back_equal_and_in_order(value: Any) -> None:
    parsed = parse_json(json.dumps(value).encode())
    assert json.dumps(parsed) == json.dumps(value)


@pytest.mark.parametrize(
    "body",
    [
        b"NaN", b"[Infinity]", b"-Infinity", b"1e999", b"[-1e400]", b'{"n": 1' + b"0" * 400 + b"}", b"1" + b"0" * 5000,
        b'"\\ud800"', b'{"\\udc00": 1}', b'"\\ud800\\ud800"', b'["a\\u0000b"]', b'{"a\\u0000": 1}', b'"a\x00b"',
        b"\xff", b"\xef\xbb\xbf{}", b"", b" ", b"{", b"[1,]", b"{'a': 1}", b"{} {}", b"undefined",
    ],
)  # fmt: skip
def test_what_is_not_json_is_refused_with_a_reason(body: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        parse_json(body)
    assert refused.value.errors[0].message


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'"\\\\u0000"', "\\u0000"),
        (b'"\\ud83d\\ude00"', "😀"),
        (b"1e308", 1e308),
        (b"1" + b"0" * 308, 10**308),
        (b"9007199254740993", 9007199254740993),
        (b'{"b": 1, "a": 2}', {"b": 1, "a": 2}),
    ],
)
def test_what_only_looks_dangerous_is_read(body: bytes, value: Any) -> None:
    assert parse_json(body) == value


@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_sixty_four_levels_are_read_and_sixty_five_are_not(opening: bytes, closing: bytes) -> None:
    inner = b"1" if opening != b"[" else b""
    parse_json(opening * MAX_DEPTH + inner + closing * MAX_DEPTH)
    with pytest.raises(TooComplex):
        parse_json(opening * (MAX_DEPTH + 1) + inner + closing * (MAX_DEPTH + 1))


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"a":' * 100_000, b"[" * 100_000 + b"]" * 100_000])
def test_depth_is_counted_before_anything_is_parsed(body: bytes) -> None:
    with pytest.raises(TooComplex):
        parse_json(body)


def test_brackets_in_texts_do_not_count() -> None:
    assert parse_json(b'"' + b"[" * 1000 + b'\\"' + b"{" * 1000 + b'"').count("[") == 1000


@given(st.text(alphabet='[]{}"\\a,:'))
def test_counting_depth_agrees_with_a_slow_count_on_valid_json(text: str) -> None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return

    def depth(of: Any) -> int:
        inner = of.values() if isinstance(of, dict) else of if isinstance(of, list) else None
        return 0 if inner is None else 1 + max(map(depth, inner), default=0)

    for limit in (1, 2, 3):
        assert deeper_than(text.encode(), limit) == (depth(value) > limit)


@pytest.mark.parametrize("piece", [b"[],", b'"\\\\",', b'{"a":[]},', b"1,"])
def test_ten_megabytes_are_counted_in_a_moment(piece: bytes) -> None:
    body = b"[" + piece * (10_000_000 // len(piece)) + b"1]"
    began = time.process_time()
    assert not deeper_than(body, MAX_DEPTH)
    assert time.process_time() - began < 5

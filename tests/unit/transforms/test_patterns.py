"""Regular expressions are bounded: in what they compile to, and so in the time that they take."""

from __future__ import annotations

import pytest

from apps.transforms.expressions.patterns import MAX_UNFOLDED, regex_error, unfolded


@pytest.mark.parametrize(
    ("pattern", "size"),
    [
        ("abc", 3),
        ("a|b", 2),
        ("a{3}", 3),
        ("a{2}{3}", 6),
        ("(ab){4}", 8),
        ("(?:ab){4}", 8),
        ("(?P<two>ab){4}", 8),
        ("(?i:ab){4}", 8),
        ("(a(bc){2}){3}", 15),
        ("[0-9a-f]{8}-", 9),
        ("[]a{2}]x{2,}", 3),
        ("[[:alpha:]{]{3}", 3),
        (r"\p{L}{5}", 5),
        (r"\{5", 2),
        ("x{0}", 1),
        ("a)b", 3),
    ],
)
def test_a_pattern_is_as_long_as_its_repetitions_written_out(pattern: str, size: int) -> None:
    assert unfolded(pattern) == size


@pytest.mark.parametrize("pattern", ["(?:.{0,900}){0,10}!", "(a{1000}){1000}", f".{{{MAX_UNFOLDED + 1}}}"])
def test_t59_a_pattern_that_would_take_minutes_is_refused_and_says_why(pattern: str) -> None:
    assert "repetitions" in (regex_error(pattern) or "")


def test_t59_a_pattern_whose_automaton_is_too_large_is_refused_and_says_why() -> None:
    assert "exceeds size limit" in (regex_error(r"\pL{0,900}!") or "")


@pytest.mark.parametrize(
    "pattern", [r"^[\w.+-]+@[\w-]+\.[\w.-]+$", "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", ".{0,500}"]
)
def test_patterns_that_people_write_are_fine(pattern: str) -> None:
    assert regex_error(pattern) is None


def test_what_is_wrong_with_a_pattern_is_said_in_the_engines_words() -> None:
    assert "unclosed group" in (regex_error("(a") or "")
    assert "look-around" in (regex_error("a(?=b)") or "")

"""Every threat that the spine claims to survive has a test named after its line."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
CLAIMED = {1, 2, 3, 4, 5, *range(11, 16), *range(17, 21), 22, 25, 26, 27, 30, 31, 35, *range(37, 44), 47, 48}
NAME = re.compile(r"^\s*(?:async )?def test_((?:t\d+_)+)", re.MULTILINE)


def test_each_claimed_threat_has_a_test_named_after_its_line() -> None:
    names = [name for path in TESTS.rglob("test_*.py") for name in NAME.findall(path.read_text())]
    named = {int(number) for name in names for number in re.findall(r"\d+", name)}
    assert sorted(CLAIMED - named) == []

"""What `make test` runs."""

from __future__ import annotations

from uzo.local.checks import SHARDS
from uzo.local.stack import ROOT


def test_every_folder_with_tests_is_run_by_one_shard() -> None:
    folders = {f"tests/{path.relative_to(ROOT / 'tests').parts[0]}" for path in (ROOT / "tests").rglob("test_*.py")}
    assert sorted(folder for shard in SHARDS.values() for folder in shard) == sorted(folders)

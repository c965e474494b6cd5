"""Statuses change in `apps/executions/moves.py` and nowhere else, so that one table decides."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

APPS = Path(__file__).parents[3] / "apps"
MOVES = APPS / "executions" / "moves.py"
WRITING_CALLS = {"update", "create", "get_or_create", "update_or_create", "WorkflowExecution"}
# What has a status and a table of its own.
OTHER_THINGS = ("job_run", "approval", "iteration", "migrations")


def writes(path: Path) -> Iterator[int]:
    """Lines of a file that set a `status`: an attribute, a column in an update, a row that is made."""
    for node in ast.walk(ast.parse(path.read_text())):
        targets = node.targets if isinstance(node, ast.Assign) else []
        for target in ast.walk(ast.Tuple(elts=list(targets), ctx=ast.Load())):
            if isinstance(target, ast.Attribute) and target.attr == "status":
                yield target.lineno
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in WRITING_CALLS and any(each.arg == "status" for each in node.keywords):
                yield node.lineno


def executions_code() -> list[Path]:
    found = sorted((APPS / "executions").rglob("*.py"))
    return [path for path in found if not any(other in str(path.relative_to(APPS)) for other in OTHER_THINGS)]


def test_the_one_door_is_found_by_this_test() -> None:
    assert len(list(writes(MOVES))) >= 4


@pytest.mark.parametrize("path", executions_code(), ids=lambda path: str(path.relative_to(APPS)))
def test_no_other_file_writes_a_status(path: Path) -> None:
    if path == MOVES:
        return
    lines = list(writes(path))
    assert not lines, f"{path.relative_to(APPS)} writes a status in lines {lines}: call apps.executions.moves"

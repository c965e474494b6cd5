"""Code nodes do not exist yet, so there is no sandbox that could be set wrong: nothing in the house runs text."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

APPS = Path(__file__).parents[2] / "apps"
BUILT_IN = {"eval", "exec", "compile", "__import__", "execfile"}
METHODS = {"deserialize", "from_pickle", "read_pickle", "register_plugin_function"}
MODULES = {"pickle", "marshal", "shelve", "dill", "cloudpickle"}


def _dangers(tree: ast.AST) -> Iterator[str]:
    for found in ast.walk(tree):
        if isinstance(found, ast.Call) and isinstance(found.func, ast.Name) and found.func.id in BUILT_IN:
            yield f"{found.func.id}() at line {found.lineno}"
        elif isinstance(found, ast.Attribute) and found.attr in METHODS | {"SQLContext"}:
            yield f".{found.attr} at line {found.lineno}"
        elif isinstance(found, ast.Import | ast.ImportFrom):
            names = {getattr(found, "module", None) or "", *(alias.name for alias in found.names)}
            if named := {name.partition(".")[0] for name in names} & MODULES:
                yield f"import of {', '.join(named)} at line {found.lineno}"


def test_t41_no_sandbox_can_be_set_wrong_where_no_text_is_ever_run() -> None:
    found = {
        f"{path.relative_to(APPS)}: {danger}"
        for path in APPS.rglob("*.py")
        for danger in _dangers(ast.parse(path.read_text()))
    }
    assert found == set()


def test_the_scan_sees_what_it_looks_for() -> None:
    text = "import pickle\neval('1')\npl.LazyFrame.deserialize(x)\npl.SQLContext()"
    assert len(list(_dangers(ast.parse(text)))) == 4

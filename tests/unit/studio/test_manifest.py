"""Which files a page asks for, from what Vite says it built."""

from __future__ import annotations

import pytest

from apps.studio.manifest import Assets, collect
from apps.studio.policy import new_nonce, policy

MANIFEST = {
    "src/main.tsx": {
        "file": "assets/studio-1.js",
        "isEntry": True,
        "imports": ["_shared.js"],
        "dynamicImports": ["src/Workflow.tsx"],
        "css": ["assets/studio.css"],
    },
    "_shared.js": {"file": "assets/shared-2.js", "imports": ["_react.js"], "css": ["assets/base.css"]},
    "_react.js": {"file": "assets/react-3.js", "imports": ["_shared.js"]},
    "src/Workflow.tsx": {"file": "assets/workflow-4.js", "css": ["assets/workflow.css"]},
}


def test_a_page_asks_for_its_script_and_everything_it_imports_but_not_for_what_comes_later() -> None:
    assert collect(MANIFEST, "src/main.tsx") == Assets(
        script="studio/assets/studio-1.js",
        preloads=("studio/assets/shared-2.js", "studio/assets/react-3.js"),
        styles=("studio/assets/base.css", "studio/assets/studio.css"),
    )


def test_an_entry_that_was_not_built_is_a_loud_error() -> None:
    with pytest.raises(KeyError):
        collect(MANIFEST, "src/nowhere.tsx")


def test_the_policy_allows_no_script_but_our_own_files() -> None:
    directives = dict(part.split(" ", 1) for part in policy("n0nce").split("; "))
    assert directives["script-src"] == "'self'"
    assert directives["default-src"] == "'none'"
    assert "unsafe" not in policy("n0nce")
    assert directives["frame-ancestors"] == "'none'"


def test_every_page_has_its_own_nonce() -> None:
    assert len({new_nonce() for _ in range(100)}) == 100

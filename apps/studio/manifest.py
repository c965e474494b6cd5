"""What Vite built: which files a page of the studio needs, from the build's manifest."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders

from apps.kernel.errors import Unavailable

FOLDER = "studio"


class NotBuilt(Unavailable):
    """The pages were never built."""

    code = "studio_not_built"
    title = "The pages are not built"


@dataclass(frozen=True, slots=True)
class Assets:
    """Paths below the static folder: the module that starts, what it imports, the style sheets."""

    script: str
    preloads: tuple[str, ...]
    styles: tuple[str, ...]


def collect(manifest: Mapping[str, Any], entry: str) -> Assets:
    """The files of one entry; style sheets of imported chunks come before its own.

    Raises KeyError where the manifest does not have the entry.
    """
    styles: dict[str, None] = {}
    preloads: dict[str, None] = {}

    def visit(name: str) -> None:
        chunk = manifest[name]
        for imported in chunk.get("imports", ()):
            file = manifest[imported]["file"]
            if file not in preloads:
                preloads[file] = None
                visit(imported)
        styles.update(dict.fromkeys(chunk.get("css", ())))

    visit(entry)
    return Assets(
        script=f"{FOLDER}/{manifest[entry]['file']}",
        preloads=tuple(f"{FOLDER}/{file}" for file in preloads),
        styles=tuple(f"{FOLDER}/{file}" for file in styles),
    )


@lru_cache(maxsize=4)
def _read(path: Path, _modified: int) -> Mapping[str, Any]:
    """The manifest, read again only when the file has changed."""
    manifest: Mapping[str, Any] = json.loads(path.read_text())
    return manifest


def assets(entry: str) -> Assets:
    """The files of one entry as built last. Raises NotBuilt, with the remedy, where nothing was built."""
    found = finders.find(f"{FOLDER}/manifest.json")
    if found is None:
        raise NotBuilt(remedy="Run `make run`, or `npm ci && npm run build` in apps/studio/frontend.")
    path = Path(found)
    return collect(_read(path, path.stat().st_mtime_ns), entry)

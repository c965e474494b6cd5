"""How much each page of the studio loads, from the build's manifest."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from tests.bench.stack import ROOT

BUILT = ROOT / "static" / "studio"
ENTRIES = {"src/main.tsx": "every page", "src/login.tsx": "sign-in"}
PAGE = re.compile(r"^src/pages/.*/(\w+)\.tsx$")


def sizes() -> list[dict[str, Any]]:
    """`{page, scripts, styles, gz_kb}` for each page; a page that loads later counts what the frame around it loads."""
    manifest = json.loads((BUILT / "manifest.json").read_text())
    frame = _files(manifest, "src/main.tsx")
    pages = {title: _files(manifest, entry) for entry, title in ENTRIES.items()}
    for name, chunk in sorted(manifest.items()):
        found = PAGE.match(name)
        if found and chunk.get("isDynamicEntry"):
            pages[found[1]] = frame | _files(manifest, name)
    return [_row(title, files) for title, files in pages.items()]


def _files(manifest: Mapping[str, Any], entry: str) -> frozenset[str]:
    """Scripts and style sheets of a chunk and of all that it imports at once."""

    def below(name: str, seen: set[str]) -> Iterator[str]:
        if name in seen:
            return
        seen.add(name)
        chunk = manifest[name]
        yield chunk["file"]
        yield from chunk.get("css", ())
        for imported in chunk.get("imports", ()):
            yield from below(imported, seen)

    return frozenset(below(entry, set()))


def _row(title: str, files: frozenset[str]) -> dict[str, Any]:
    packed = {file: len(gzip.compress((BUILT / file).read_bytes(), 6)) for file in files}
    scripts = sum(size for file, size in packed.items() if file.endswith(".js"))
    styles = sum(size for file, size in packed.items() if file.endswith(".css"))
    return {
        "page": title,
        "scripts_gz_kb": round(scripts / 1024, 1),
        "styles_gz_kb": round(styles / 1024, 1),
        "gz_kb": round((scripts + styles) / 1024, 1),
    }


def table(rows: list[dict[str, Any]]) -> str:
    lines = [f"{'page':<20} {'scripts':>10} {'styles':>10} {'together':>10}   kB, gzipped"]
    for row in rows:
        columns = f"{row['scripts_gz_kb']:>10} {row['styles_gz_kb']:>10} {row['gz_kb']:>10}"
        lines.append(f"{row['page']:<20} {columns}")
    return "\n".join(lines)

"""The templates that come with UZO: one JSON file each, named by the template's id."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from apps.workflows.core.template import Template, read

FOLDER = Path(__file__).parent


@cache
def templates() -> Mapping[str, Template]:
    """All templates by id, in the order of their names; read once a process."""
    found = [read(path.stem, json.loads(path.read_text())) for path in FOLDER.glob("*.json")]
    return {each.id: each for each in sorted(found, key=lambda template: template.name)}

"""The README's table of settings, made from `env.py`. `python -m uzo.settings.documentation` writes it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo

from uzo.settings.env import ROOT, Environment

README = ROOT / "README.md"
BEGIN, END = "<!-- settings: begin -->", "<!-- settings: end -->"


def table() -> str:
    """A Markdown table of every setting: name, default, meaning."""
    rows = [
        f"| `{name.upper()}` | {_default(field)} | {_cell(field.description or '')} |"
        for name, field in Environment.model_fields.items()
    ]
    return "\n".join(["| variable | default | meaning |", "|---|---|---|", *rows])


def _default(field: FieldInfo) -> str:
    value: Any = field.default
    if value is None or value == "":
        return ""
    if isinstance(value, Path):
        value = value.relative_to(ROOT)
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"`{_cell(str(value))}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def replaced(readme: str) -> str:
    """The README with the table as it ought to be. Raises ValueError where the two marks are missing."""
    before, begin, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"README.md needs the lines {BEGIN} and {END}")
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


if __name__ == "__main__":
    README.write_text(replaced(README.read_text()))

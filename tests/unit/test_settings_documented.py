"""Every setting stands in the README, with its default and its meaning."""

from __future__ import annotations

import re

import pytest

from uzo.settings.documentation import BEGIN, END, README, replaced, table
from uzo.settings.env import ROOT, Environment


def test_every_setting_says_what_it_means() -> None:
    silent = [name for name, field in Environment.model_fields.items() if not field.description]
    assert silent == []


def test_the_readmes_table_is_the_one_made_from_the_settings() -> None:
    text = README.read_text()
    assert text == replaced(text), "run: .venv/bin/python -m uzo.settings.documentation"
    for name in Environment.model_fields:
        assert f"`{name.upper()}`" in table()


def test_a_readme_without_the_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="needs the lines"):
        replaced("# UZO")
    assert replaced(f"{BEGIN} old {END}!").endswith(f"{END}!")


def test_every_link_of_the_readme_leads_somewhere() -> None:
    targets = re.findall(r"\]\((?!https?:)([^)#]+)\)", README.read_text())
    assert targets
    assert [target for target in targets if not (ROOT / target).exists()] == []

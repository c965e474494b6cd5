"""Where the mail of `make run` goes."""

from __future__ import annotations

from pathlib import Path

import pytest

from uzo.local.databases import Databases
from uzo.local.stack import Stack
from uzo.settings.env import Environment
from uzo.settings.mail import parse_mail_url


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    address = "postgresql://uzo@127.0.0.1:1/uzo"
    databases = Databases(database_url=address, redis_url="redis://127.0.0.1:1/0", admin_url=address, prefix="")
    return Stack(data_dir=tmp_path / "with a blank", databases=databases, web_port=1, prefect_port=2)


def test_mail_lands_in_a_folder_where_no_server_is_named(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("UZO_MAIL_URL", raising=False)
    monkeypatch.setattr("uzo.local.stack.ENV", Environment())
    found = parse_mail_url(stack.env()["UZO_MAIL_URL"])
    assert found["EMAIL_FILE_PATH"] == str(stack.data_dir / "mail")


def test_a_mail_server_that_was_named_is_used(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UZO_MAIL_URL", "smtp://mail.example")
    monkeypatch.setattr("uzo.local.stack.ENV", Environment())
    assert "UZO_MAIL_URL" not in stack.env()

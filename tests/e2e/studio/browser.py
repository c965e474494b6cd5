"""A real browser for the pages: how it is started, how a person signs in."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-gpu",
]


def chromium() -> str:
    """The browser that `make chromium` finds or installs, or the one that UZO_CHROMIUM names."""
    for name in (os.environ.get("UZO_CHROMIUM", ""), *CHROMIUM):
        if name and (found := shutil.which(name)):
            return found
    raise RuntimeError("Chromium was not found; run `make chromium`, or name one in UZO_CHROMIUM")


@contextmanager
def started() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def login_of(demo: dict[str, Any], role: str) -> dict[str, str]:
    login: dict[str, str] = next(each for each in demo["logins"] if each["role"] == role)
    return login


def sign_in(page: Page, demo: dict[str, Any], role: str = "owner", *, wanted: str = "/") -> None:
    """Sign in by the page, as people do, and wait until the studio is there."""
    login = login_of(demo, role)
    page.goto(f"{demo['url']}{wanted}")
    page.get_by_label("E-mail", exact=True).fill(login["email"])
    page.get_by_label("Password", exact=True).fill(login["password"])
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("navigation", name="Main").wait_for()

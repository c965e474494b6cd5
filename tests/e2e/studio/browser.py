"""A real browser for the pages: how it is started, how a person signs in."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Response,
    sync_playwright,
)

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


def enter(page: Page, email: str, password: str, *, wanted: str = "/") -> None:
    """Sign in by the page, as people do, and wait until the studio is there."""
    page.goto(wanted)
    page.get_by_label("E-mail", exact=True).fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("navigation", name="Main").wait_for()


def sign_in(page: Page, demo: dict[str, Any], role: str = "owner", *, wanted: str = "/") -> None:
    """As somebody of the demo."""
    login = login_of(demo, role)
    enter(page, login["email"], login["password"], wanted=f"{demo['url']}{wanted}")


def listen(context: BrowserContext, complaints: list[str]) -> None:
    """Collect what is wrong with a page and no test's intention: errors of scripts, breaches of the
    Content-Security-Policy, answers that break down or never come, files that are not there. What the API refuses is
    the test's own affair."""

    def heard(message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith("Failed to load resource") and not put_out(message):
            complaints.append(message.text)

    def answered(answer: Response) -> None:
        if answer.status >= 500 or (answer.status >= 400 and "/static/" in answer.url):
            complaints.append(f"{answer.request.method} {answer.url}: {answer.status}")

    def failed(request: Request) -> None:
        # One that a page gives up because it is left, or because nobody waits for it any more, is no failure.
        if request.failure != "net::ERR_ABORTED":
            complaints.append(f"{request.method} {request.url}: {request.failure}")

    def put_out(message: ConsoleMessage) -> bool:
        return message.text.startswith("WebSocket") and message.text.endswith("Unexpected response code: 403")

    context.on("console", heard)
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    context.on("response", answered)
    context.on("requestfailed", failed)


SETTLED = """(loading) =>
  document.fonts.status === "loaded" &&
  document.querySelector("main, form, body > pre") !== null &&
  (loading || document.querySelector("[aria-busy=true], .mantine-Skeleton-root") === null) &&
  document.getAnimations().every(
    (each) => each.playState !== "running" || each.effect.getComputedTiming().iterations === Infinity,
  )"""


def settled(page: Page, *, loading: bool = False) -> None:
    """Wait until nothing is on its way any more: no answer, no placeholder, no colour that fades. What is `loading`
    for ever is only waited for until it stands still."""
    if not loading:
        page.wait_for_load_state("networkidle")
    page.wait_for_function(SETTLED, arg=loading)

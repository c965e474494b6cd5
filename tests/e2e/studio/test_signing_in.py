"""Getting in and out of the studio."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect

from tests.e2e.studio.browser import login_of, sign_in


def test_a_wrong_password_is_refused_in_words_and_nothing_typed_is_lost(stranger: Page, demo: dict[str, Any]) -> None:
    stranger.goto("/login")
    email = login_of(demo, "viewer")["email"]
    stranger.get_by_label("E-mail", exact=True).fill(email)
    stranger.get_by_label("Password", exact=True).fill("not the password")
    stranger.get_by_role("button", name="Sign in").click()
    expect(stranger.get_by_text("E-mail and password do not match.")).to_be_visible()
    expect(stranger.get_by_label("E-mail", exact=True)).to_have_value(email)
    expect(stranger.get_by_role("button", name="Sign in")).to_be_enabled()
    assert stranger.url.endswith("/login")


def test_a_link_to_a_workflow_leads_there_after_signing_in(stranger: Page, demo: dict[str, Any], workflow: str) -> None:
    sign_in(stranger, demo, wanted=f"{workflow}?node=flights")
    stranger.wait_for_url(f"**{workflow}?node=flights")
    expect(stranger.get_by_role("complementary", name="Inspector")).to_be_visible()


def test_a_forgotten_password_is_answered_the_same_for_everyone(stranger: Page) -> None:
    stranger.goto("/login")
    stranger.get_by_role("button", name="Forgot the password?").click()
    expect(stranger.get_by_text("Type your e-mail first, then ask again.")).to_be_visible()
    stranger.get_by_label("E-mail", exact=True).fill("nobody@nowhere.example")
    stranger.get_by_role("button", name="Forgot the password?").click()
    expect(stranger.get_by_text("Look into your mail.")).to_be_visible()


def test_a_link_that_is_no_longer_good_says_so_and_where_to_ask(stranger: Page) -> None:
    stranger.goto("/reset-password?token=used.up")
    stranger.get_by_label("New password", exact=True).fill("three grey geese at noon")
    stranger.get_by_role("button", name="Save the password").click()
    expect(stranger.get_by_text("This link is not good, or no longer.")).to_be_visible()


def test_signing_out_ends_the_session_everywhere(page: Page) -> None:
    page.get_by_role("button", name="Your account").click()
    page.get_by_role("menuitem", name="Sign out").click()
    page.wait_for_url("**/login")
    page.goto("/executions")
    page.wait_for_url("**/login?next=%2Fexecutions")


def test_a_session_that_ended_meanwhile_leads_to_sign_in_and_back(page: Page) -> None:
    page.goto("/workspaces")
    page.get_by_role("treeitem").first.wait_for()
    page.context.clear_cookies()
    page.get_by_role("link", name="Connectors").click()
    page.wait_for_url("**/login?next=%2Fconnectors")


def test_the_theme_is_remembered_and_never_flashes(page: Page) -> None:
    page.get_by_role("button", name="Switch to dark").click()
    expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")
    page.reload()
    # The scheme is set by a script in the head: it holds before the first paint of the body.
    painted = page.evaluate("getComputedStyle(document.body).backgroundColor")
    expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")
    assert sum(int(part) for part in painted.removeprefix("rgb(").removesuffix(")").split(",")) < 150
    page.get_by_role("button", name="Switch to light").click()
    expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", "light")

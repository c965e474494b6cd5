"""Sharing something by its dialog."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect


def listed(page: Page, email_or_name: str) -> Locator:
    return page.get_by_role("list", name="Who has access").get_by_role("listitem").filter(has_text=email_or_name).first


def share(page: Page, search: str, name: str, level: str) -> None:
    """In the open dialog: find, choose what they may, share."""
    page.get_by_role("textbox", name="Person or group").fill(search)
    page.get_by_role("option", name=name).click()
    if level != "View":
        page.get_by_role("dialog").get_by_role("combobox", name="May", exact=True).click()
        page.get_by_role("option", name=level, exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Share", exact=True).click()
    expect(page.get_by_text(f"Shared with {name}.")).to_be_visible()

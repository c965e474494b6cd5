"""People, groups, roles and the rest of the settings."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from email import message_from_bytes
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import uuid4

import pytest
from httpx import Timeout
from playwright.sync_api import Page, expect

from tests.e2e.client import Uzo
from tests.e2e.studio.browser import sign_in

PASSWORD = "eleven grey seals at low water"
SOON = 20
ENOUGH = 30_000


@pytest.fixture
def guest(visit: Callable[..., Page]) -> Page:
    """A second browser, in which nobody has signed in."""
    return visit()


def mailed_link(folder: Path, email: str) -> str:
    """Path and query of the link in the newest mail to the address."""
    end = time.monotonic() + SOON
    while time.monotonic() < end:
        for path in sorted((folder / "mail").glob("*"), key=lambda each: each.stat().st_mtime, reverse=True):
            message = message_from_bytes(path.read_bytes())
            body = str(message.get_payload(decode=True).decode())  # type: ignore[union-attr]
            if message["To"] == email and (found := re.search(r"(/reset-password\?token=\S+)", body)):
                return unquote(found.group(1))
        time.sleep(0.2)
    raise AssertionError(f"no mail to {email} came")


def test_somebody_is_invited_by_mail_comes_in_and_is_put_out_within_five_seconds(
    page: Page, guest: Page, owner: Uzo, data_folder: Path
) -> None:
    email = f"nora.{uuid4().hex[:6]}@hudson.example"
    page.goto("/settings/members")
    page.get_by_role("button", name="Invite").click()
    page.get_by_label("E-mail", exact=True).fill(email)
    page.get_by_label("Name", exact=True).fill("Nora Quay")
    page.get_by_role("combobox", name="Role").click()
    page.get_by_role("option", name="viewer").click()
    page.get_by_role("button", name="Send the invitation").click()
    expect(page.get_by_text(f"A mail with a link is on its way to {email}.")).to_be_visible()
    page.get_by_role("button", name="Done").click()
    row = page.get_by_role("row").filter(has_text=email)
    expect(row).to_contain_text("Invited")

    guest.goto(mailed_link(data_folder, email))
    guest.get_by_label("New password", exact=True).fill(PASSWORD)
    guest.get_by_role("button", name="Save the password").click()
    expect(guest.get_by_text("The password is changed.")).to_be_visible()
    guest.goto("/login?next=/settings")
    guest.get_by_label("E-mail", exact=True).fill(email)
    guest.get_by_label("Password", exact=True).fill(PASSWORD)
    guest.get_by_role("button", name="Sign in").click()
    expect(guest.get_by_role("heading", name="Profile")).to_be_visible(timeout=ENOUGH)
    side = guest.get_by_role("navigation", name="Settings")
    expect(side.get_by_role("link", name="Plan and usage")).to_be_visible()
    expect(side.get_by_role("link", name="Members")).to_have_count(0)

    page.reload()
    expect(row).to_contain_text("Active")
    row.get_by_role("button", name="Actions for Nora Quay").click()
    page.get_by_role("menuitem", name="Disable").click()
    page.get_by_role("dialog").get_by_role("button", name="Disable").click()
    expect(row).to_contain_text("Disabled")
    began = time.monotonic()
    while guest.request.get("/api/v1/auth/me").status != 401:
        assert time.monotonic() - began < 5
        time.sleep(0.1)
    guest.get_by_role("link", name="Connectors").click()
    guest.wait_for_url("**/login?next=%2Fconnectors")
    row.get_by_role("button", name="Actions for Nora Quay").click()
    page.get_by_role("menuitem", name="Remove").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(row).to_have_count(0)


def test_a_role_of_ones_own_is_made_given_to_a_group_and_shows_what_its_members_may(page: Page, owner: Uzo) -> None:
    mark = uuid4().hex[:6]
    page.goto("/settings/roles")
    page.get_by_role("button", name="New role").click()
    page.get_by_label("Name", exact=True).fill(f"Bosun {mark}")
    page.get_by_label("Make workspaces").check()
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("row").filter(has_text=f"Bosun {mark}")).to_contain_text("Make workspaces")

    page.goto("/settings/groups")
    page.get_by_role("button", name="New group").click()
    page.get_by_label("Name", exact=True).fill(f"Deck {mark}")
    page.get_by_role("combobox", name="Role").click()
    page.get_by_role("option", name=f"Bosun {mark}").click()
    page.get_by_role("button", name="Create").click()
    page.wait_for_url("**/settings/groups/*-*")
    page.get_by_role("combobox", name="Add somebody").fill("cleo")
    page.get_by_role("option", name=re.compile("Cleo Lindt")).click()
    page.get_by_role("link", name="Cleo Lindt").click()
    expect(page.get_by_role("region", name="By their role")).to_contain_text("Make workspaces")
    expect(page.get_by_role("button", name=f"Remove from Deck {mark}")).to_be_visible()

    group = owner.get("groups", search=mark)["results"][0]["id"]
    owner.http.delete(f"groups/{group}")
    page.goto("/settings/roles")
    page.get_by_role("button", name=f"Actions for Bosun {mark}").click()
    page.get_by_role("menuitem", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("row").filter(has_text=f"Bosun {mark}")).to_have_count(0)


def test_a_key_is_shown_once_and_ends_when_it_is_deleted(page: Page, demo: dict[str, Any]) -> None:
    name = f"Tide script {uuid4().hex[:6]}"
    page.goto("/settings/api-keys")
    page.get_by_role("button", name="New API key").click()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_role("button", name="Create").click()
    secret = page.get_by_role("dialog").locator("code").inner_text()
    page.get_by_role("button", name="Done").click()
    page.reload()
    expect(page.get_by_role("row").filter(has_text=name)).to_be_visible()
    assert secret not in page.content()
    headers = {"Authorization": f"Api-Key {secret}"}
    context = page.context.browser.new_context(base_url=demo["url"])  # type: ignore[union-attr]
    assert context.request.get("/api/v1/workspaces", headers=headers).status == 200
    page.get_by_role("button", name=f"Delete the key “{name}”").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("row").filter(has_text=name)).to_have_count(0)
    assert context.request.get("/api/v1/workspaces", headers=headers).status == 401
    context.close()


def test_the_log_says_who_did_what_and_is_narrowed_to_one_object(page: Page, owner: Uzo) -> None:
    name = f"Harbour {uuid4().hex[:6]}"
    made = owner.post("workspaces", {"name": name})
    owner.http.delete(f"workspaces/{made['id']}")
    page.goto("/settings/audit")
    page.get_by_label("Search names").fill(name)
    line = page.get_by_role("row").filter(has_text="Workspace deleted")
    expect(line).to_contain_text(name)
    expect(line).to_contain_text("ada@hudson.example")
    line.get_by_role("button", name="Details of “Workspace deleted”").click()
    page.get_by_role("dialog").get_by_role("button", name="Only this object").click()
    expect(page.get_by_role("row")).to_have_count(3)
    page.get_by_role("combobox", name="Action").click()
    page.get_by_role("option", name="Workspace created", exact=True).click()
    expect(page.get_by_role("row")).to_have_count(2)
    page.reload()
    expect(page.get_by_role("row")).to_have_count(2)


def test_plan_and_vault_say_how_things_stand(page: Page) -> None:
    page.goto("/settings/plan")
    expect(page.get_by_text("Enterprise", exact=True)).to_be_visible()
    limits = page.get_by_role("region", name="Limits")
    expect(limits.get_by_role("listitem").filter(has_text="Workflows")).to_contain_text("without limit")
    features = page.get_by_role("region", name="Features")
    expect(features.get_by_role("listitem").filter(has_text="Job packages").get_by_label("Included")).to_be_visible()
    page.get_by_role("navigation", name="Settings").get_by_role("link", name="Vault").click()
    expect(page.get_by_role("status").filter(has_text="Open")).to_be_visible()
    expect(page.get_by_role("region", name="Who can open it")).to_contain_text("Only an operator")
    expect(page.get_by_role("row").filter(has_text="in use")).to_be_visible()


@pytest.fixture
def small(demo: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A subscription on the smallest plan, made by the operator and removed again; described as the demo is."""
    operator = demo["operator"]
    host = f"small-{uuid4().hex[:6]}.localhost"
    login = {"role": "owner", "email": "olive@small.example", "password": PASSWORD}
    with Uzo(demo["url"], operator["email"], operator["password"], host=operator["host"]) as desk:
        desk.http.timeout = Timeout(120)  # a schema of its own takes its time where much else is going on
        owner = {"email": login["email"], "name": "Olive Small", "password": PASSWORD}
        made = desk.post("subscriptions", {"name": "Small harbour", "host": host, "plan": "standard", "owner": owner})
        yield {"url": f"http://{host}:{urlsplit(demo['url']).port}", "logins": [login]}
        for query in ("", "?hard=true"):
            assert desk.http.delete(f"subscriptions/{made['id']}{query}").status_code == 204


def test_a_small_plan_shows_what_is_used_of_what_and_is_upgraded(guest: Page, small: dict[str, Any]) -> None:
    page = guest
    sign_in(page, small, wanted="/settings/plan")
    people = page.get_by_role("region", name="Limits").get_by_role("listitem").filter(has_text="People")
    expect(people).to_contain_text("1 of 5", timeout=ENOUGH)
    expect(people.get_by_role("meter", name="People")).to_have_attribute("aria-valuemax", "5")
    filled = "meter => meter.firstElementChild.offsetWidth / meter.offsetWidth"
    assert people.get_by_role("meter", name="People").evaluate(filled) == pytest.approx(0.2, abs=0.01)
    expect(people).to_contain_text("More with Premium and Enterprise")
    lineage = page.get_by_role("region", name="Features").get_by_role("listitem").filter(has_text="Lineage")
    expect(lineage).to_contain_text("With Premium and Enterprise")
    page.get_by_role("button", name="Upgrade to Premium").click()
    page.get_by_role("dialog").get_by_role("button", name="Upgrade to Premium").click()
    expect(people).to_contain_text("1 of 50", timeout=ENOUGH)
    expect(lineage.get_by_label("Included")).to_be_visible()


def test_who_may_not_open_a_section_is_told_why(guest: Page, demo: dict[str, Any]) -> None:
    sign_in(guest, demo, "viewer", wanted="/settings/members")
    expect(guest.get_by_text("Your role does not let you: make, change and remove people")).to_be_visible()
    expect(guest.get_by_text("Ask the owner of the subscription")).to_be_visible()

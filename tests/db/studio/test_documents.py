"""The documents of the pages: who gets one, what is in it, what guards it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.test import Client, RequestFactory

from apps.accounts.models import Role
from apps.accounts.services.passwords import send_reset_mail
from apps.kernel.api import handlers
from tests.db.conftest import HOST, PASSWORD, PEOPLE

pytestmark = pytest.mark.django_db

BUILT = {
    "src/main.tsx": {"file": "assets/studio.js", "css": ["assets/studio.css"]},
    "src/login.tsx": {"file": "assets/login.js"},
}
SOME_ID = "0193f0f4-5b1c-7cc2-9f0e-0d1f3a5b7c9d"


@pytest.fixture(autouse=True)
def built(tmp_path: Path, settings: Any) -> None:
    """Pages that were built: the tests need not wait for Vite."""
    folder = tmp_path / "studio"
    folder.mkdir()
    (folder / "manifest.json").write_text(json.dumps(BUILT))
    settings.STATICFILES_DIRS = [tmp_path]


@pytest.fixture
def stranger(tenant: Any) -> Client:
    return Client(HTTP_HOST=HOST)


@pytest.fixture
def edgar(tenant: Any, editor: Any) -> Client:
    client = Client(HTTP_HOST=HOST)
    client.force_login(editor, backend="django.contrib.auth.backends.ModelBackend")
    return client


def boot_of(content: str) -> dict[str, Any]:
    found = re.search(r'<script id="boot" type="application/json">(.*?)</script>', content, re.DOTALL)
    assert found is not None, content
    boot: dict[str, Any] = json.loads(found.group(1))
    return boot


def test_a_stranger_is_sent_to_sign_in_and_back_to_where_they_wanted(stranger: Client) -> None:
    answer = stranger.get(f"/workflows/{SOME_ID}?node=late")
    assert answer.status_code == 302
    assert answer["Location"] == f"/login?next=%2Fworkflows%2F{SOME_ID}%3Fnode%3Dlate"


@pytest.mark.parametrize(
    "path",
    ["/", "/workspaces", f"/workspaces/{SOME_ID}", f"/folders/{SOME_ID}", f"/jobs/{SOME_ID}", f"/workflows/{SOME_ID}",
     "/executions", "/executions/compare", f"/executions/{SOME_ID}", "/connectors", "/schedules", "/approvals",
     "/operations", "/settings"],
)  # fmt: skip
def test_every_page_can_be_opened_by_its_address(edgar: Client, path: str) -> None:
    answer = edgar.get(path)
    assert answer.status_code == 200
    assert '<script type="module" src="/static/studio/assets/studio.js"></script>' in answer.content.decode()


def test_a_workflows_page_asks_for_the_workflow_before_any_script_runs(edgar: Client) -> None:
    link = f'<link rel="preload" as="fetch" href="/api/v1/workflows/{SOME_ID}" crossorigin>'
    assert link in edgar.get(f"/workflows/{SOME_ID}").content.decode()
    assert 'rel="preload"' not in edgar.get("/executions").content.decode()


def test_the_page_says_who_is_signed_in_and_nothing_secret(edgar: Client, editor: Any) -> None:
    boot = boot_of(edgar.get("/").content.decode())
    assert boot["user"] == {
        "id": str(editor.pk),
        "name": editor.name,
        "email": PEOPLE["editor"],
        "is_owner": False,
        "may_operate": False,
        "capabilities": ["connectors.create"],
    }
    assert set(boot) == {"user", "subscription"}


def test_the_page_says_who_may_look_at_operations(edgar: Client, editor: Any) -> None:
    editor.role = Role.objects.create(name="watch", capabilities=["operations.read"])
    editor.save()
    assert boot_of(edgar.get("/").content.decode())["user"]["may_operate"] is True


def test_a_name_cannot_break_out_of_the_page(edgar: Client, editor: Any) -> None:
    editor.name = "</script><script>alert(1)</script>"
    editor.save()
    content = edgar.get("/").content.decode()
    assert "<script>alert" not in content
    assert boot_of(content)["user"]["name"] == editor.name


def test_pages_forbid_scripts_of_others_and_are_not_cached(edgar: Client) -> None:
    answer = edgar.get("/")
    content = answer.content.decode()
    nonce = re.search(r'<meta name="csp-nonce" nonce="([^"]+)">', content)
    assert nonce is not None
    assert "script-src 'self';" in answer["Content-Security-Policy"]
    assert f"'nonce-{nonce.group(1)}'" in answer["Content-Security-Policy"]
    assert answer["Cache-Control"] == "no-store"
    assert re.findall(r"<script(?![^>]*(?:src=|application/json))", content) == []


def test_signing_in_with_the_cookie_of_the_page_opens_the_studio(tenant: Any, editor: Any) -> None:
    browser = Client(HTTP_HOST=HOST, enforce_csrf_checks=True)
    browser.get("/login")
    token = browser.cookies["csrftoken"].value
    answer = browser.post(
        "/api/v1/auth/session",
        {"email": PEOPLE["editor"], "password": PASSWORD},
        content_type="application/json",
        headers={"X-CSRFToken": token},
    )
    assert answer.status_code == 200, answer.content
    assert browser.get("/").status_code == 200


@pytest.mark.parametrize(
    ("wanted", "goes"),
    [
        ("/workflows/1?node=late", "/workflows/1?node=late"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
def test_after_signing_in_one_never_leaves_the_site(stranger: Client, wanted: str, goes: str) -> None:
    content = stranger.get("/login", {"next": wanted}).content.decode()
    assert boot_of(content)["next"] == goes


def test_whoever_is_signed_in_passes_by_the_login_page(edgar: Client) -> None:
    answer = edgar.get("/login", {"next": "/executions"})
    assert (answer.status_code, answer["Location"]) == (302, "/executions")


def test_a_mailed_link_opens_the_page_for_a_new_password(stranger: Client, viewer: Any) -> None:
    send_reset_mail(email=PEOPLE["viewer"], base_url=f"http://{HOST}")
    found = re.search(rf"http://{re.escape(HOST)}(/reset-password\?token=\S+)", str(mail.outbox[0].body))
    assert found is not None
    answer = stranger.get(found.group(1))
    content = answer.content.decode()
    assert (answer.status_code, boot_of(content)["page"]) == (200, "reset-password")
    assert '<script type="module" src="/static/studio/assets/login.js"></script>' in content
    assert "csrftoken" in answer.cookies
    assert found.group(1).partition("token=")[2] not in content
    assert answer["Referrer-Policy"] == "no-referrer"


def test_an_address_that_is_no_page_is_not_found(edgar: Client) -> None:
    for path in ("/nowhere", "/workflows/not-an-id", "/workflows/", "/login/"):
        assert edgar.get(path).status_code == 404, path


def test_pages_that_were_never_built_say_how_to_build_them(edgar: Client, settings: Any, tmp_path: Path) -> None:
    settings.STATICFILES_DIRS = [tmp_path / "empty"]
    answer = edgar.get("/")
    assert answer.status_code == 503
    assert "make run" in answer.content.decode()


def test_an_address_that_leads_nowhere_is_a_page_that_leads_home(stranger: Client) -> None:
    answer = stranger.get("/lighthouses", HTTP_ACCEPT="text/html")
    assert answer.status_code == 404
    assert "There is no such page" in answer.content.decode()
    assert 'href="/"' in answer.content.decode()


@pytest.mark.parametrize("path", [f"/workflows/{SOME_ID}/", "/executions/", f"/settings/members/{SOME_ID}//"])
def test_slashes_at_the_end_of_a_page_s_address_lead_to_the_page(stranger: Client, path: str) -> None:
    answer = stranger.get(path, {"tab": "runs"}, HTTP_ACCEPT="text/html")
    assert (answer.status_code, answer["Location"]) == (302, f"{path.rstrip('/')}?tab=runs")


@pytest.mark.parametrize("path", ["//evil.example/", "/%2Fevil.example/", "/lighthouses/", "/admin/lighthouses/"])
def test_an_address_with_a_slash_that_is_no_page_leads_nowhere(stranger: Client, path: str) -> None:
    answer = stranger.get(path, HTTP_ACCEPT="text/html")
    assert "evil.example" not in answer.get("Location", "")
    assert "lighthouses" not in answer.get("Location", "").partition("?")[0]


def test_posting_to_an_address_with_a_slash_is_not_taken_for_the_page(stranger: Client) -> None:
    assert stranger.post("/executions/", HTTP_ACCEPT="text/html").status_code == 404


def test_an_error_of_uzo_s_own_is_a_page_that_says_what_to_do(rf: RequestFactory) -> None:
    answer = handlers.server_error(rf.get("/", HTTP_ACCEPT="text/html"))
    assert answer.status_code == 500
    assert "Something went wrong" in answer.content.decode()
    assert 'href="/"' in answer.content.decode()

"""The tests of this folder would not be deaf: what a page does wrong is heard."""

from __future__ import annotations

from playwright.sync_api import Page, expect


def test_a_breach_of_the_content_security_policy_is_heard(page: Page, complaints: list[str]) -> None:
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\">Low water</p>')")
    expect(page.get_by_text("Low water")).to_be_attached()
    [heard] = complaints
    assert "Content Security Policy" in heard
    complaints.clear()


def test_an_error_that_nothing_catches_and_a_missing_file_are_heard(page: Page, complaints: list[str]) -> None:
    with page.expect_response("**/static/studio/nowhere.js"):
        page.evaluate("setTimeout(() => { throw new Error('adrift') }); void fetch('/static/studio/nowhere.js')")
    while len(complaints) < 2:  # both come, in either order
        page.wait_for_timeout(20)
    assert any("adrift" in each for each in complaints), complaints
    assert any(each.endswith("nowhere.js: 404") for each in complaints), complaints
    complaints.clear()

"""Pictures of every page at 1440 and 900 pixels, light and dark, of a UZO that runs: `python -m
tests.e2e.studio.screenshots [folder]` (by default `screenshots` in the data folder). The README's is one of them."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from tests.e2e.studio.browser import sign_in, started
from uzo.settings.env import ENV, ROOT

WIDTHS = (1440, 900)
SCHEMES = ("light", "dark")
HEIGHT = 900


def _settle(page: Page) -> None:
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(400)


def _newest_run(page: Page, workflow: str) -> str | None:
    found = page.request.get(f"/api/v1/workflows/{workflow}/executions?page_size=1").json()["results"]
    return found[0]["id"] if found else None


def pages(page: Page, demo: dict[str, Any]) -> dict[str, str]:
    """Name of the picture → path of the page."""
    workflow = demo["workflow_id"]
    job = page.request.get(f"/api/v1/workflows/{workflow}").json()["job_id"]
    run = _newest_run(page, workflow)
    return {
        "home": "/",
        "explorer": f"/jobs/{job}",
        "workflow": f"/workflows/{workflow}",
        "node": f"/workflows/{workflow}?node=per_route",
        "executions": "/executions",
        **({"execution": f"/executions/{run}"} if run else {}),
        **({"compare": f"/executions/compare?first={run}&second={run}"} if run else {}),
        "connectors": "/connectors",
        "schedules": "/schedules",
        "approvals": "/approvals",
        "operations": "/operations",
        "settings": "/settings",
        "not_found": "/workflows/00000000-0000-0000-0000-000000000000",
    }


def take(browser: Browser, demo: dict[str, Any], folder: Path, *, width: int, scheme: str) -> list[Path]:
    """Pictures of all pages at one width in one theme; answers where they are."""
    context = browser.new_context(
        viewport={"width": width, "height": HEIGHT},
        color_scheme=scheme,  # type: ignore[arg-type]
        base_url=demo["url"],
    )
    page = context.new_page()
    taken = []

    def picture(name: str) -> None:
        path = folder / f"{name}-{width}-{scheme}.png"
        page.screenshot(path=path)
        taken.append(path)

    page.goto("/login")
    _settle(page)
    picture("login")
    sign_in(page, demo)
    for name, path in pages(page, demo).items():
        page.goto(path)
        if name == "node":
            page.wait_for_selector("[role=row] >> nth=3")
        _settle(page)
        picture(name)
    context.close()
    return taken


def main(folder: Path) -> int:
    demo = json.loads((ENV.uzo_data_dir / "demo.json").read_text())
    folder.mkdir(parents=True, exist_ok=True)
    with started() as browser:
        for width in WIDTHS:
            for scheme in SCHEMES:
                for path in take(browser, demo, folder, width=width, scheme=scheme):
                    sys.stdout.write(f"{path}\n")
    shutil.copy(folder / "node-1440-light.png", ROOT / "docs" / "studio.png")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else ENV.uzo_data_dir / "screenshots"))

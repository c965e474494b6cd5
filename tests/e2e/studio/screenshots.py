"""Pictures of every page at 1440 and 900 pixels, light and dark, of a UZO that runs: `python -m
tests.e2e.studio.screenshots [folder]` (by default `screenshots` in the data folder). The README's is one of them.

Which pages there are, the router says: one without a picture is an error, and so are a page that scrolls sideways
and text that is cut off without an ellipsis.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from tests.e2e.studio.browser import sign_in, started
from uzo.settings.env import ENV, ROOT

WIDTHS = (1440, 900)
SECTIONS = ("api-keys", "members", "groups", "roles", "plan", "vault", "audit")
SCHEMES = ("light", "dark")
HEIGHT = 900


def _settle(page: Page) -> None:
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(400)


def _newest_run(page: Page, workflow: str) -> str | None:
    found = page.request.get(f"/api/v1/workflows/{workflow}/executions?page_size=1").json()["results"]
    return found[0]["id"] if found else None


def _member(page: Page) -> str:
    found: str = page.request.get("/api/v1/users?page_size=1").json()["results"][0]["id"]
    return found


ROUTER = ROOT / "apps" / "studio" / "frontend" / "src" / "app" / "App.tsx"


SETTINGS = ROUTER.parents[1] / "pages" / "settings" / "SettingsPage.tsx"


def sections() -> list[str]:
    """Paths of the sections of the settings."""
    return [f"/settings/{section}" for section in re.findall(r'\bat: "([\w-]+)"', SETTINGS.read_text())]


def routes() -> list[str]:
    """Paths of the pages' router, as `/jobs/:id`."""
    found = re.findall(r'<Route path="([^"]+)"', ROUTER.read_text())
    if not found:
        raise RuntimeError(f"no routes were found in {ROUTER}")
    return found


def pages(page: Page, demo: dict[str, Any]) -> dict[str, str]:
    """Name of the picture → path of the page. Raises LookupError for a route that no picture shows."""
    workflow = demo["workflow_id"]
    api = page.request

    def first(path: str) -> str | None:
        found = api.get(f"/api/v1/{path}{'&' if '?' in path else '?'}page_size=1").json()["results"]
        return found[0]["id"] if found else None

    job = api.get(f"/api/v1/workflows/{workflow}").json()["job_id"]
    folder = api.get(f"/api/v1/jobs/{job}").json()["folder_id"]
    workspace = api.get(f"/api/v1/folders/{folder}").json()["workspace_id"]
    run = _newest_run(page, workflow)
    wanted = {
        "explorer": f"/jobs/{job}",
        "folder": f"/folders/{folder}",
        "workspace": f"/workspaces/{workspace}",
        "workflow": f"/workflows/{workflow}",
        "node": f"/workflows/{workflow}?node=per_route",
        "version": f"/workflows/{workflow}?version={first(f'workflows/{workflow}/versions')}",
        "execution": f"/executions/{run}" if run else None,
        "compare": f"/executions/compare?first={run}&second={run}" if run else None,
        "job_run": _path("/job-runs", first("job-runs")),
        "job_package": _path("/job-packages", first(f"workspaces/{workspace}/job-packages")),
        "connector": f"/connectors/{demo['demo_connector_id']}",
        "relations": f"/connectors/{demo['demo_connector_id']}?tab=diagram",
        "not_found": "/workflows/00000000-0000-0000-0000-000000000000",
    }
    here = {name: path for name, path in wanted.items() if path is not None and _shown_by(path, routes())}
    here |= {path.strip("/").replace("/", "_"): path for path in sections()}
    for route in routes():
        plain = route.removesuffix("/*?")
        if ":" not in plain and plain not in here.values():
            here[plain.strip("/").replace("/", "_") or "home"] = plain
    missing = [route for route in routes() if not any(_matches(route, path) for path in here.values())]
    # What a fresh demo does not have yet: nobody has run a job, nobody has made a package.
    missing = [route for route in missing if not route.startswith(("/job-runs/", "/job-packages/"))]
    if missing:
        raise LookupError(f"no picture shows {', '.join(missing)}: say in `pages` where one is found")
    return here


def _path(above: str, id: str | None) -> str | None:
    return f"{above}/{id}" if id else None


def _matches(route: str, path: str) -> bool:
    pattern = re.sub(r":[^/]+", "[^/]+", route).replace("/*?", "(/.*)?")
    return re.fullmatch(pattern, path.partition("?")[0]) is not None


def _shown_by(path: str, known: list[str]) -> bool:
    return any(_matches(route, path) for route in known)


TROUBLES = """() => {
  const said = [];
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) said.push(`the page scrolls sideways: ${root.scrollWidth}`);
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((each) => each.nodeType === 3 && each.data.trim() !== "");
    if (!own || element.closest(".react-flow__viewport, .cm-editor, [aria-hidden=true]")) continue;
    if (element.scrollWidth <= element.clientWidth + 1 || element.clientWidth === 0) continue;
    const style = getComputedStyle(element);
    if (!["hidden", "clip"].includes(style.overflowX) || style.textOverflow === "ellipsis") continue;
    if (element.clientWidth <= 1 || style.visibility === "hidden") continue;  // for screen readers alone
    said.push(`cut off: ${element.textContent.trim().slice(0, 60)}`);
  }
  return said;
}"""


def take(browser: Browser, demo: dict[str, Any], folder: Path, *, width: int, scheme: str) -> list[str]:
    """Pictures of all pages at one width in one theme; answers what is wrong with them."""
    context = browser.new_context(
        viewport={"width": width, "height": HEIGHT},
        color_scheme=scheme,  # type: ignore[arg-type]
        base_url=demo["url"],
    )
    page = context.new_page()
    wrong = []

    def picture(name: str) -> None:
        path = folder / f"{name}-{width}-{scheme}.png"
        page.screenshot(path=path)
        sys.stdout.write(f"{path}\n")
        wrong.extend(f"{path.stem}: {trouble}" for trouble in page.evaluate(TROUBLES))

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
    return wrong


def main(folder: Path) -> int:
    demo = json.loads((ENV.uzo_data_dir / "demo.json").read_text())
    folder.mkdir(parents=True, exist_ok=True)
    with started() as browser:
        wrong = [
            trouble
            for width in WIDTHS
            for scheme in SCHEMES
            for trouble in take(browser, demo, folder, width=width, scheme=scheme)
        ]
    shutil.copy(folder / "node-1440-light.png", ROOT / "docs" / "studio.png")
    sys.stdout.write("".join(f"WRONG {trouble}\n" for trouble in wrong))
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else ENV.uzo_data_dir / "screenshots"))

"""Pictures of every page at 1440 and 900 pixels, light and dark: `python -m tests.e2e.studio.screenshots [folder]`
(by default `screenshots` in the data folder), of the UZO that runs there or else of one started for them. The
README's is one of them.

Which pages there are, the router says: one without a picture is an error, and so are a page that scrolls sideways,
text that is cut off without an ellipsis, and text on text. Dialogs, menus and troubles are in `states.py`.
"""

from __future__ import annotations

import base64
import json
import re
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Browser, Page

from tests.bench.stack import Bench
from tests.e2e.studio.browser import settled, sign_in, started
from tests.e2e.studio.states import LOADING, STATES, Shown, prepare
from uzo.settings.env import ENV, ROOT

WIDTHS = (1440, 900)
SCHEMES = ("light", "dark")
HEIGHT = 900
TALLEST = 2400
NEEDED = """() => {
  const main = document.querySelector("main");
  return main ? Math.ceil(main.getBoundingClientRect().top) + main.scrollHeight : document.body.scrollHeight;
}"""
"""How high the window must be to show all of the page."""


def _newest_run(page: Page, workflow: str) -> str | None:
    found = page.request.get(f"/api/v1/workflows/{workflow}/executions?page_size=1").json()["results"]
    return found[0]["id"] if found else None


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


TROUBLES = (Path(__file__).parent / "troubles.js").read_text()


def take(browser: Browser, demo: dict[str, Any], shown: Shown, folder: Path, *, width: int) -> list[str]:
    """Pictures of all pages at one width in both themes; answers what is wrong with them."""
    context = browser.new_context(viewport={"width": width, "height": HEIGHT}, base_url=demo["url"])
    page = context.new_page()
    wrong = []

    def pictures(name: str) -> None:
        wrong.extend(f"{name}-{width}: {trouble}" for trouble in page.evaluate(TROUBLES))
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            page.wait_for_timeout(400)  # colours change slowly; a picture would catch them halfway
            settled(page, loading=name in LOADING)
            path = folder / f"{name}-{width}-{scheme}.png"
            height = min(TALLEST, page.evaluate(NEEDED))
            page.set_viewport_size({"width": width, "height": max(HEIGHT, height)})
            page.screenshot(path=path)
            page.set_viewport_size({"width": width, "height": HEIGHT})
            sys.stdout.write(f"{path}\n")

    page.goto("/login")
    settled(page)
    pictures("login")
    sign_in(page, demo)
    for name, path in pages(page, demo).items():
        page.goto(path)
        if name == "node":
            page.wait_for_selector("[role=row] >> nth=3")
        settled(page)
        pictures(name)
    for name, show in STATES.items():
        show(page, shown)
        settled(page, loading=name in LOADING)
        pictures(name)
    context.close()
    return wrong


PACK = """async (picture) => {
  const image = new Image();
  image.src = picture;
  await image.decode();
  const canvas = Object.assign(document.createElement("canvas"), {width: image.width, height: image.height});
  canvas.getContext("2d").drawImage(image, 0, 0);
  return canvas.toDataURL("image/webp", 0.9).split(",")[1];
}"""


def _pack(browser: Browser, picture: Path, packed: Path) -> None:
    """The same picture in a fraction of the bytes: it is read by everybody who opens the README."""
    page = browser.new_page()
    content = base64.b64encode(picture.read_bytes()).decode()
    packed.write_bytes(base64.b64decode(page.evaluate(PACK, f"data:image/png;base64,{content}")))
    page.close()


def _running() -> dict[str, Any] | None:
    """The demo of the UZO that runs in the data folder."""
    path = ENV.uzo_data_dir / "demo.json"
    if not path.exists():
        return None
    demo: dict[str, Any] = json.loads(path.read_text())
    try:
        httpx.get(demo["url"])
    except httpx.ConnectError:
        return None
    return demo


def main(folder: Path) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        demo = _running() or stack.enter_context(Bench(ENV.uzo_data_dir)).demo
        shown = prepare(demo)
        browser = stack.enter_context(started())
        wrong = [trouble for width in WIDTHS for trouble in take(browser, demo, shown, folder, width=width)]
    sys.stdout.write("".join(f"WRONG {trouble}\n" for trouble in wrong))
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else ENV.uzo_data_dir / "screenshots"))

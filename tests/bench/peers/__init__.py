"""Programs that the bench measures beside UZO, in a virtual environment of their own under `.bench/`."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.bench.stack import ROOT

HOME = ROOT / ".bench" / "peers"
LOCK = ROOT / "requirements" / "peers.txt"


def python() -> Path:
    """The interpreter of that environment, made the first time and again when its lock has changed."""
    found, stamp = HOME / "bin" / "python", HOME / "lock"
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text() != wanted:
        uv = [str(Path(sys.executable).with_name("uv"))]
        subprocess.run([*uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(HOME)], check=True)
        subprocess.run(
            [*uv, "pip", "sync", "--quiet", "--require-hashes", "--python", str(found), str(LOCK)], check=True
        )
        stamp.write_text(wanted)
    return found


def measured(program: str, environment: Mapping[str, str]) -> float:
    """Seconds of work that a program of this folder says it took, without its start."""
    command = [str(python()), str(Path(__file__).with_name(f"{program}.py"))]
    ran = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, check=False)
    if ran.returncode != 0:
        raise RuntimeError(f"{program} failed:\n{ran.stderr[-2000:]}")
    return float(ran.stdout.splitlines()[-1])

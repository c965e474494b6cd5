"""Runs the one part of the launcher that needs Django, `provision`, as a program of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from uzo.local.demo.people import Cast
from uzo.local.errors import LocalError
from uzo.local.service import MARK
from uzo.local.stack import ROOT, Stack


def run(stack: Stack, cast: Cast, *, migrate: bool) -> None:
    """Migrate if wished, and make operator, tenants and people, with the passwords of the cast."""
    made = subprocess.run(
        [sys.executable, "-m", "uzo.local.demo.provision"],
        input=json.dumps({**cast.as_json(), "migrate": migrate}),
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, **stack.env(), MARK: str(stack.data_dir)},
    )
    log = stack.data_dir / "logs" / "provision.log"
    log.write_text(made.stderr)
    if made.returncode != 0:
        raise LocalError(
            f"The database could not be prepared. The end of the log:\n{made.stderr[-3000:]}",
            remedy=f"The whole log is in {log}. To start anew (all data is lost): make clean",
        )

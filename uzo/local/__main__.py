"""`python -m uzo.local`: run, demo, services, stop, test, clean. The Makefile calls these."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from uzo.local.errors import LocalError


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m uzo.local", description="UZO on this machine")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="start everything with its demo, until Ctrl-C")
    commands.add_parser("demo", help="the same, but stop after the sample run")
    commands.add_parser("services", help="only PostgreSQL and Valkey, for manage.py in another terminal")
    commands.add_parser("stop", help="stop what runs from this data folder")
    commands.add_parser("clean", help="stop, and remove the data folder")
    test = commands.add_parser("test", help="every check and test, on embedded services of their own")
    test.add_argument("pytest", nargs=argparse.REMAINDER, help="only pytest, with these arguments")
    given = parser.parse_args()
    keep_bytecode()
    try:
        return _dispatch(given)
    except LocalError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1


def keep_bytecode() -> None:
    """Let Python keep what it compiles, here and in all that is started from here.

    UZO loads some thousand modules in each of several programs, and compiling them takes twice as long as
    loading them. The virtual environment holds the bytecode: who sets PYTHONDONTWRITEBYTECODE, as many
    images do, wants none beside the sources.
    """
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    sys.pycache_prefix = os.environ.setdefault("PYTHONPYCACHEPREFIX", str(Path(sys.prefix) / "bytecode"))


def _dispatch(given: argparse.Namespace) -> int:
    from uzo.local import checks, maintenance, run

    match given.command:
        case "run":
            return run.run(serve=True)
        case "demo":
            return run.run(serve=False)
        case "services":
            return maintenance.services()
        case "stop":
            return maintenance.stop()
        case "clean":
            return maintenance.clean()
        case _:
            return checks.run(given.pytest)


if __name__ == "__main__":
    sys.exit(main())

"""`make bench`: measure every figure, or one, and write `.bench/results.json`."""

from __future__ import annotations

import sys
import traceback
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from tests.bench.harness import FIGURES, RESULTS, table, write
from tests.bench.stack import Bench
from uzo.local.progress import say


def load() -> None:
    for module in iter_modules([str(Path(__file__).parent)]):
        if module.name not in ("__main__", "drawings", "filling", "harness", "peers", "scans", "stack", "studio"):
            import_module(f"tests.bench.{module.name}")


def main(names: list[str]) -> int:
    load()
    unknown = [name for name in names if name not in FIGURES]
    if unknown:
        say(f"There is no figure {', '.join(unknown)}. There are: {', '.join(sorted(FIGURES))}")
        return 2
    results, broken = [], []
    with Bench() as bench:
        for name in names or FIGURES:
            say(f"measuring {name} …")
            try:
                bench.settle()
                results.append(FIGURES[name].result(FIGURES[name].measure(bench)))
            except Exception:
                traceback.print_exc()
                broken.append(name)
    write(results)
    say(f"\n{table(results)}\n\nWritten to {RESULTS}")
    if broken:
        say(f"Could not be measured: {', '.join(broken)}")
    return int(bool(broken) or not all(each["met"] for each in results))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

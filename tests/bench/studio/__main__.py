"""`make bench-studio`: how the pages fare in a real browser. Prints sizes and times, beside React Flow's own
stress example with as many nodes, and writes `.bench/studio.json`.

A UZO of its own is started, unless UZO_TEST_DEMO names the `demo.json` of one that runs.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from tests.bench.stack import ROOT, Bench
from tests.bench.studio import bundles, canvas
from uzo.local.progress import say

RESULTS = ROOT / ".bench" / "studio.json"


def main() -> int:
    sizes = bundles.sizes()
    say(bundles.table(sizes))
    with Bench() as bench:
        known = os.environ.get("UZO_TEST_DEMO")
        if known:
            bench.demo = json.loads(Path(known).read_text())
        measured = canvas.measure(bench)
    say(canvas.table(measured))
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    content: dict[str, Any] = {"bundles": sizes, **measured}
    RESULTS.write_text(json.dumps(content, indent=1))
    say(f"\nWritten to {RESULTS}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

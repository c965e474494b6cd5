"""`python -m tests.drills`: kill what runs, and count what was lost. `make drills` does it 500 times.

It has a PostgreSQL and a Valkey of its own, which it kills as well. The same seed kills at the same moments of
the drill; what the machine does meanwhile is never quite the same.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.drills.voyages import lay_out
from uzo.local import databases as stores
from uzo.local.postgres import ensure_database
from uzo.local.progress import say, warn
from uzo.local.run import stopping_on_signals
from uzo.local.supervisor import Supervisor

ROOT = Path(__file__).parents[2]
GOALS = {"lost": 0, "doubled": 0, "stranded": 0, "wrong": 0, "not_successful": 0, "finished_stages_run_again": 0,
         "recovery_p95_s": 10, "postgres_recovery_p95_s": 30}  # fmt: skip


def run(*, kills: int, restarts: int, seed: int, folder: Path) -> dict[str, Any]:
    """Drill in a folder that is thrown away afterwards; answers what was counted."""
    with Supervisor(folder, notice=warn) as supervisor:
        found = stores.start(supervisor, folder, database_url=None, redis_url=None)
        ensure_database(found.admin_url, "quay")
        target = found.url("quay")
        lay_out(target)
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "uzo.settings",
            "DATABASE_URL": found.database_url,
            "REDIS_URL": found.redis_url,
            "UZO_DATA_DIR": str(folder),
            "UZO_EGRESS_ALLOW": found.address,
            "UZO_PREFECT_API_URL": "http://127.0.0.1:9/api",
            "UZO_LOG_LEVEL": "WARNING",
        }
        options = {"kills": kills, "restarts": restarts, "seed": seed, "target": target}
        log = folder / "logs" / "storm.log"
        with log.open("w") as errors:
            storm = subprocess.run(
                [sys.executable, "-m", "tests.drills.storm"],
                input=json.dumps(options), stdout=subprocess.PIPE, stderr=errors, text=True, cwd=ROOT,
                env=environment, check=False,
            )  # fmt: skip
        if storm.returncode:
            raise RuntimeError(f"the drill broke off:\n{log.read_text()[-5000:]}")
        result: dict[str, Any] = json.loads(storm.stdout.splitlines()[-1])
        return result


def missed(result: dict[str, Any]) -> list[str]:
    """Goals that were not reached, as sentences."""
    return [
        f"{name} is {result[name]}, at most {goal} is allowed"
        for name, goal in GOALS.items()
        if result[name] is not None and result[name] > goal
    ]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.drills", description=__doc__)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--restarts", type=int, default=None, help="of servers; by default one for every 25 kills")
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("--out", type=Path, default=ROOT / ".bench" / "drills.json")
    given = parser.parse_args()
    restarts = given.kills // 25 if given.restarts is None else given.restarts
    say(f"{given.kills} kills, {restarts} restarts of servers, seed {given.seed}")
    with tempfile.TemporaryDirectory(prefix="uzo-drill-", ignore_cleanup_errors=True) as folder, stopping_on_signals():
        result = run(kills=given.kills, restarts=restarts, seed=given.seed, folder=Path(folder).resolve())
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(json.dumps(result, indent=2) + "\n")
    for name, value in result.items():
        say(f"  {name.replace('_', ' '):28} {'-' if value is None else value}")
    wrong = missed(result)
    for each in wrong:
        say(f"Missed: {each}")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())

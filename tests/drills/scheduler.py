"""A scheduler whose clock is wrong by some hours: `python -m tests.drills.scheduler 1`.

It looks again and again in a child, and replaces that child when somebody kills it. What Celery Beat does in a
real UZO is the pulse alone.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from datetime import datetime, timedelta
from typing import Any

_PR_SET_PDEATHSIG = 1


def main(hours_off: float) -> None:
    import django

    django.setup()

    from apps.kernel import clock
    from apps.schedules import looking

    right: Any = clock.now

    def wrong() -> datetime:
        moment: datetime = right() + timedelta(hours=hours_off)
        return moment

    clock.now = wrong
    while True:
        child = os.fork()
        if child == 0:
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)  # else it outlives the drill
            while True:
                if not looking.look():
                    time.sleep(0.05)
        os.waitpid(child, 0)


if __name__ == "__main__":
    main(float(sys.argv[1]))

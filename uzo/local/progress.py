"""What a person sees while UZO starts: a line a step, with the time it took."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()


def say(text: str = "") -> None:
    with _lock:
        print(text, flush=True)


def warn(text: str) -> None:
    """A notice of the supervisor, beside what is being printed."""
    with _lock:
        print(f"! {text}", file=sys.stderr, flush=True)


@contextmanager
def step(title: str) -> Iterator[None]:
    """Announce a step, and say when it is done. Steps may run side by side: each end names its title."""
    began = time.monotonic()
    if sys.stdout.isatty():
        with _lock:
            print(f"  … {title}\r", end="", flush=True)
    try:
        yield
    except BaseException:
        say(f"  ✗ {title}")
        raise
    say(f"  ✓ {title:<58} {time.monotonic() - began:6.1f} s")

"""How much memory a process holds. A limit on address space (RLIMIT_AS) would not do: Polars and Arrow
reserve far more than they use."""

from __future__ import annotations

import os
from pathlib import Path

_PAGE = os.sysconf("SC_PAGE_SIZE")


def held_bytes(pid: int) -> int:
    """Memory that a process holds and cannot give back: resident, without pages of mapped files, which the
    system takes away when it needs room. 0 where the process is gone or the system has no /proc."""
    try:
        _, resident, shared, *_ = Path(f"/proc/{pid}/statm").read_text().split()
        return (int(resident) - int(shared)) * _PAGE
    except (FileNotFoundError, ProcessLookupError, ValueError):
        return 0

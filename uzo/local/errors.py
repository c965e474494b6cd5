"""What stands in the way on this machine, and what to do about it."""

from __future__ import annotations


class LocalError(Exception):
    """Something a person must know or mend before UZO can start: what is wrong, and a remedy."""

    def __init__(self, message: str, *, remedy: str) -> None:
        self.message = message
        self.remedy = remedy
        super().__init__(f"{message}\n  {remedy}")

"""What stops the reading of an expression: carried up as an exception inside this package, shown as a Problem."""

from __future__ import annotations

from apps.nodes.problems import Problem

MAX_CHARACTERS = 10_000
"""An expression this long is `too_complex`."""
MAX_LEVELS = 100
"""An expression nested this deep is `too_complex`."""


class Fault(Exception):
    """The expression cannot be read any further. Never leaves the package: `check` turns it into its problem."""

    def __init__(self, code: str, message: str, start: int, end: int) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.position = (start, end)

    def problem(self) -> Problem:
        return Problem(self.code, self.message, position=self.position)

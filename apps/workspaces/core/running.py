"""How what a job or a package holds is run."""

from __future__ import annotations

from enum import StrEnum


class Mode(StrEnum):
    """One after the other, or side by side."""

    SEQUENTIAL = "sequential"
    PARALLEL = "parallel"


class OnFailure(StrEnum):
    """What happens to those that have not begun when one fails."""

    STOP = "stop"
    CONTINUE = "continue"

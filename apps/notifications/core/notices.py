"""What is worth telling a person, and whom: decided here, without Django."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

KEPT = timedelta(days=90)
LONGEST = 500
"""Characters of a message: a notification names a thing, the thing says the rest."""


class Kind(StrEnum):
    EXECUTION_FAILED = "execution_failed"
    APPROVAL_REQUESTED = "approval_requested"


@dataclass(frozen=True, slots=True)
class Notice:
    """`about` is the execution or the approval; told again, it is the same notice made new."""

    kind: Kind
    about: UUID
    execution_id: UUID
    message: str


def of_failure(execution: Mapping[str, Any]) -> tuple[Notice, UUID] | None:
    """What an execution (its body) tells whoever began it, now that it is over; None where that is nothing:
    it did not fail, nobody is known, or another execution began it, which fails itself and tells."""
    if execution["kind"] != "run" or execution["status"] != "failed" or execution["parent_id"] is not None:
        return None
    if execution["triggered_by"] is None:
        return None
    id = UUID(str(execution["id"]))
    message = (execution["error"] or {}).get("message", "")
    return Notice(Kind.EXECUTION_FAILED, id, id, short(message)), UUID(str(execution["triggered_by"]))


def of_question(*, approval_id: UUID, execution_id: UUID, message: str) -> Notice:
    """What those hear who are asked."""
    return Notice(Kind.APPROVAL_REQUESTED, approval_id, execution_id, short(message))


def short(message: str) -> str:
    return message if len(message) <= LONGEST else f"{message[: LONGEST - 1]}…"

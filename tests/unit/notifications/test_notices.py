"""What is worth telling, and whom."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from apps.notifications.core.notices import LONGEST, Kind, of_failure, of_question

FAILED: dict[str, Any] = {
    "id": str(uuid4()),
    "kind": "run",
    "status": "failed",
    "parent_id": None,
    "triggered_by": str(uuid4()),
    "error": {"code": "failed_on_purpose", "message": "Too much wind", "remedy": ""},
}


def test_a_failure_is_told_to_whoever_began_it() -> None:
    told = of_failure(FAILED)
    assert told is not None
    notice, person = told
    assert (notice.kind, notice.message, str(notice.about)) == (Kind.EXECUTION_FAILED, "Too much wind", FAILED["id"])
    assert str(person) == FAILED["triggered_by"]


@pytest.mark.parametrize(
    "otherwise",
    [{"status": "success"}, {"status": "cancelled"}, {"kind": "preview"}, {"parent_id": "x"}, {"triggered_by": None}],
)
def test_nothing_else_is_told(otherwise: dict[str, Any]) -> None:
    assert of_failure({**FAILED, **otherwise}) is None


def test_a_failure_without_a_reason_is_told_all_the_same() -> None:
    told = of_failure({**FAILED, "error": None})
    assert told is not None
    assert told[0].message == ""


def test_a_long_message_is_cut() -> None:
    notice = of_question(approval_id=uuid4(), execution_id=uuid4(), message="x" * 9000)
    assert len(notice.message) == LONGEST

"""Which due fires run after a pause."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.schedules.core.catching_up import GRACE, KEPT_SKIPPED, CatchUp, sort_out

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def ago(*minutes: float) -> list[datetime]:
    return [NOW - timedelta(minutes=each) for each in minutes]


@pytest.mark.parametrize(
    ("policy", "run", "skip"),
    [
        (CatchUp.SKIP, [0.5], [180, 120, 60]),
        (CatchUp.LAST, [0.5], [180, 120, 60]),
        (CatchUp.ALL, [120, 60, 0.5], [180]),
    ],
)
def test_what_is_on_time_runs_and_the_policy_decides_about_the_rest(
    policy: CatchUp, run: list[float], skip: list[float]
) -> None:
    due = sort_out(ago(180, 120, 60, 0.5), NOW, policy=policy, limit=2)
    assert (list(due.run), list(due.skip)) == (ago(*run), ago(*skip))


def test_after_a_pause_last_runs_one_and_skip_none() -> None:
    fires = ago(180, 120, 60)
    assert list(sort_out(fires, NOW, policy=CatchUp.LAST, limit=9).run) == ago(60)
    assert sort_out(fires, NOW, policy=CatchUp.SKIP, limit=9).run == ()
    assert list(sort_out(fires, NOW, policy=CatchUp.ALL, limit=9).run) == fires


@given(st.lists(st.integers(0, 10**6), unique=True, max_size=300), st.sampled_from(CatchUp), st.integers(1, 50))
def test_no_fire_runs_and_is_left_out_and_none_on_time_is_left_out(
    seconds: list[int], policy: CatchUp, limit: int
) -> None:
    fires = sorted(NOW - timedelta(seconds=each) for each in seconds)
    due = sort_out(fires, NOW, policy=policy, limit=limit)
    assert not set(due.run) & set(due.skip)
    assert {fire for fire in fires if fire >= NOW - GRACE} <= set(due.run)
    assert len(due.run) + len(due.skip) == len(fires) or len(due.skip) == KEPT_SKIPPED
    assert list(due.run) == sorted(due.run)

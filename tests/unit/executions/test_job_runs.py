"""What a job run does next, and which moves its states allow."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.executions.core.job_runs import (
    JOB_RUN_OVER,
    MAX_SIDE_BY_SIDE,
    STEP_OVER,
    JobRunStatus,
    StepStatus,
    decide,
    run_transition,
    step_transition,
)
from apps.kernel.errors import Conflict
from apps.workspaces.core.running import Mode, OnFailure

P, R, S, F, C, K = (
    StepStatus.PENDING, StepStatus.RUNNING, StepStatus.SUCCESS, StepStatus.FAILED, StepStatus.CANCELLED,
    StepStatus.SKIPPED,
)  # fmt: skip


def next_of(*steps: StepStatus, mode: Mode = Mode.SEQUENTIAL, on: OnFailure = OnFailure.STOP, cancelled: bool = False):  # type: ignore[no-untyped-def]
    return decide(steps, mode=mode, on_failure=on, cancelled=cancelled)


def test_in_order_the_next_begins_when_the_one_before_is_over() -> None:
    assert next_of(P, P, P).start == (0,)
    assert next_of(R, P, P).start == ()
    assert next_of(S, P, P).start == (1,)
    assert next_of(S, S, S).over is JobRunStatus.SUCCESS


def test_side_by_side_all_begin_up_to_a_limit() -> None:
    assert next_of(P, P, P, mode=Mode.PARALLEL).start == (0, 1, 2)
    many = next_of(*[P] * 40, mode=Mode.PARALLEL)
    assert many.start == tuple(range(MAX_SIDE_BY_SIDE))


def test_stop_skips_what_has_not_begun_and_waits_for_what_runs() -> None:
    assert next_of(F, P, P).skip == (1, 2)
    assert next_of(F, R, P, mode=Mode.PARALLEL).skip == (2,)
    assert next_of(F, R, K, mode=Mode.PARALLEL).over is None
    assert next_of(F, S, K, mode=Mode.PARALLEL).over is JobRunStatus.FAILED


def test_continue_runs_the_others_and_has_failed_all_the_same() -> None:
    assert next_of(F, P, on=OnFailure.CONTINUE).start == (1,)
    assert next_of(F, S, on=OnFailure.CONTINUE).over is JobRunStatus.FAILED


def test_one_that_was_cancelled_by_itself_counts_as_failed() -> None:
    assert next_of(C, P).skip == (1,)
    assert next_of(C, K).over is JobRunStatus.FAILED


def test_a_cancelled_run_is_over_when_nothing_runs() -> None:
    assert next_of(S, R, P, cancelled=True).skip == (2,)
    assert next_of(S, R, K, cancelled=True).over is None
    assert next_of(S, C, K, cancelled=True).over is JobRunStatus.CANCELLED


@given(
    steps=st.lists(st.sampled_from([P, S, F]), min_size=1, max_size=40),
    mode=st.sampled_from(Mode),
    on=st.sampled_from(OnFailure),
    outcomes=st.lists(st.booleans(), min_size=40, max_size=40),
)
def test_every_run_ends_and_leaves_no_step_open(
    steps: list[StepStatus], mode: Mode, on: OnFailure, outcomes: list[bool]
) -> None:
    now = list(steps)
    for _ in range(200):
        decision = decide(now, mode=mode, on_failure=on)
        if decision.over is not None:
            break
        for index in decision.skip:
            now[index] = step_transition(now[index], K)
        for index in decision.start:
            now[index] = step_transition(now[index], R)
        assert now.count(R) <= (1 if mode is Mode.SEQUENTIAL else MAX_SIDE_BY_SIDE)
        for index, status in enumerate(now):
            if status is R:
                now[index] = step_transition(R, S if outcomes[index] else F)
                break
    assert decision.over in JOB_RUN_OVER
    assert set(now) <= STEP_OVER
    assert (decision.over is JobRunStatus.SUCCESS) == (set(now) == {S})


def test_what_is_over_stays_over() -> None:
    for over in JOB_RUN_OVER:
        with pytest.raises(Conflict) as refused:
            run_transition(over, JobRunStatus.RUNNING)
        assert refused.value.code == "already_finished"
    with pytest.raises(Conflict):
        step_transition(S, R)

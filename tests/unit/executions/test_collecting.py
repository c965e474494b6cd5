"""Collecting garbage of the run store: what is needed or may soon be stays, all else goes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from apps.executions.core.collecting import collect, collect_leftovers
from apps.executions.core.dataset import Dataset
from apps.executions.core.objects import Objects
from apps.executions.core.store import RunStore
from apps.kernel import clock

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
GRACE = timedelta(hours=25)


@pytest.fixture
def wrote(files: Objects, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Stores a number on a day; answers its dataset."""

    def write(number: int, at: datetime, tenant: str = "harbour") -> Dataset:
        monkeypatch.setattr(clock, "now", lambda: at)
        return RunStore(files).of_execution(tenant, "run-1").write_frame(pl.LazyFrame({"n": [number]}))

    return write


def test_what_nobody_needs_goes_once_no_worker_can_be_about_to_refer_to_it(files: Objects, wrote: Any) -> None:
    needed, spare = wrote(1, NOON - timedelta(days=3)), wrote(2, NOON - timedelta(days=3))
    young = wrote(3, NOON - timedelta(hours=24))
    asked: list[str] = []

    def needs(names: Any) -> set[str]:
        asked.extend(names)
        return {needed.path}

    found = collect(files, "harbour", now=NOON, grace=GRACE, needed=needs)
    assert (found.files, found.bytes) == (1, spare.bytes)
    assert sorted(asked) == sorted([needed.path, spare.path]), "of what is young nobody is asked"
    assert [files.has(each.path) for each in (needed, spare, young)] == [True, False, True]


def test_the_last_moment_of_a_day_has_the_whole_grace(files: Objects, wrote: Any) -> None:
    late = wrote(1, datetime(2026, 11, 19, 23, 59, 59, tzinfo=UTC))
    collect(files, "harbour", now=late_enough() - timedelta(seconds=1), grace=GRACE, needed=lambda _: ())
    assert files.has(late.path)
    collect(files, "harbour", now=late_enough(), grace=GRACE, needed=lambda _: ())
    assert not files.has(late.path)


def late_enough() -> datetime:
    return datetime(2026, 11, 20, tzinfo=UTC) + GRACE


def test_t5_another_tenants_files_are_not_touched(files: Objects, wrote: Any) -> None:
    theirs = wrote(1, NOON - timedelta(days=3), "rival")
    assert collect(files, "harbour", now=NOON, grace=GRACE, needed=lambda _: ()).files == 0
    assert files.has(theirs.path)


def test_more_than_fit_into_one_question_are_all_asked_about(files: Objects, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.executions.core.collecting._AT_ONCE", 2)
    monkeypatch.setattr(clock, "now", lambda: NOON - timedelta(days=3))
    store = RunStore(files).of_execution("harbour", "run-1")
    made = [store.write_frame(pl.LazyFrame({"n": [number]})) for number in range(5)]
    kept = {made[1].path, made[4].path}
    assert collect(files, "harbour", now=NOON, grace=GRACE, needed=kept.intersection).files == 3
    assert {entry.name for entry in files.entries("harbour")} == kept


def test_the_part_of_an_execution_that_is_not_there_goes_once_it_is_old(files: Objects) -> None:
    store = RunStore(files)
    for id in ("run-1", "run-2"):
        store.of_execution("harbour", id).below("loops").write_frame(pl.LazyFrame({"n": [1]}))
    store.of_execution("harbour", "run-1").write_frame(pl.LazyFrame({"n": [1]}))
    past, future = clock.now() - timedelta(hours=1), clock.now() + timedelta(hours=1)
    assert collect_leftovers(files, "harbour", before=past, needed=lambda _: ()) == 0
    assert collect_leftovers(files, "harbour", before=future, needed={"run-2"}.intersection) == 1
    assert sorted(files.folders("harbour")) == ["objects", "run-2"]

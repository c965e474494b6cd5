"""The run store with PostgreSQL: who holds which rows, what is collected, how much a plan allows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from django.db import connection

from apps.executions import outputs, references, retention, services
from apps.executions.models import ObjectReference, StoredOutput, WorkflowExecution
from apps.executions.store import run_store
from apps.kernel import clock
from apps.kernel.errors import Gone, LimitReached
from tests.db.executions.conftest import chain
from tests.e2e.client import node

Make = Callable[..., Any]


@pytest.fixture
def voyage(workflow_of: Make, quays: Any) -> Any:
    """Three quays; what `deep` leaves is kept, and so is what `all` does."""
    read = node("read", "connector", "read", connector=str(quays.pk), table="quays.csv")
    deep = node("deep", "transform", "filter", expression="metres > 2", keepOutput=True)
    return workflow_of(
        *chain(read, deep, node("ebb", "control", "wait", seconds=0), node("all", "transform", "limit", n=9))
    )


def ran(voyage: Any, owner: Any, work: Make) -> Any:
    execution = work(services.start_execution(viewer=owner, workflow_id=voyage.pk))
    assert (execution.status, execution.error) == ("success", None)
    return execution


def files(folder: Path, tenant: str | None = None) -> set[str]:
    return {path.name for path in (folder / (tenant or connection.schema_name)).rglob("*.arrow")}


def names_of(execution: Any) -> set[str]:
    return {dataset.path.rpartition("/")[2] for dataset in outputs.datasets_of(execution.pk).values()}


def later(monkeypatch: pytest.MonkeyPatch, **how: Any) -> None:
    moment = clock.now() + timedelta(**how)
    monkeypatch.setattr(clock, "now", lambda: moment)


def test_equal_rows_of_two_runs_are_stored_once_and_held_by_both(
    voyage: Any, owner: Any, work: Make, run_folder: Path
) -> None:
    one = ran(voyage, owner, work)
    before = files(run_folder)
    other = ran(voyage, owner, work)
    assert files(run_folder) == before == names_of(one) == names_of(other)
    assert references.holders() == 2


def test_rows_of_a_run_are_collected_after_its_retention_unless_another_run_holds_them(
    voyage: Any, owner: Any, work: Make, run_folder: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = ran(voyage, owner, work)
    new = services.retry_execution(viewer=owner, execution_id=old.pk, from_node="all")
    kept = files(run_folder)
    assert retention.collect_garbage().files == 0
    later(monkeypatch, days=31)
    assert retention.remove_old_rows() == 1
    retention.collect_garbage()
    assert names_of(new) <= files(run_folder), "what an unfinished execution needs is there"
    assert work(new).status == "success"
    later(monkeypatch, days=31)
    assert retention.remove_old_rows() == 1
    retention.collect_garbage()
    assert not kept & files(run_folder)
    with pytest.raises(Gone):
        outputs.find_output(WorkflowExecution.objects.get(pk=new.pk), "all", "output")


def test_a_worker_that_died_between_file_and_commit_leaves_what_is_collected_in_time(
    voyage: Any, owner: Any, work: Make, run_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    execution = ran(voyage, owner, work)
    lost = run_store(execution.pk).write_frame(pl.LazyFrame({"lost": [1, 2]}))
    half = run_store(execution.pk).below("chains", "s1").pending()
    half.path.write_bytes(b"half")
    kept = names_of(execution)
    retention.collect_garbage()
    assert lost.path.rpartition("/")[2] in files(run_folder), "a worker may be about to refer to it"
    later(monkeypatch, days=3)
    assert retention.collect_garbage().files == 1
    assert files(run_folder) == kept
    later(monkeypatch, days=30)
    retention.remove_old_rows()
    assert not half.path.exists()


def test_rows_of_a_child_stay_while_its_parent_is_not_over(voyage: Any, owner: Any, work: Make, settings: Any) -> None:
    settings.RUN_RETENTION_DAYS = 0
    parent = services.start_execution(viewer=owner, workflow_id=voyage.pk)
    child = ran(voyage, owner, work)
    WorkflowExecution.objects.filter(pk=child.pk).update(parent=parent)
    assert retention.remove_old_rows() == 0
    work(parent)
    assert retention.remove_old_rows() == 2


def test_samples_and_outputs_of_previews_are_held_for_a_day(
    voyage: Any, owner: Any, work: Make, run_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for node_id in ("deep", "read"):
        preview = work(services.start_preview(viewer=owner, workflow_id=voyage.pk, node_id=node_id))
        assert (preview.status, preview.error) == ("success", None)
    indexed = set(StoredOutput.objects.values_list("name", flat=True))
    assert indexed
    assert references.needed(indexed) == indexed
    WorkflowExecution.objects.all().delete()
    assert not ObjectReference.objects.exists()
    assert references.needed(indexed) == indexed
    later(monkeypatch, days=4)
    retention.remove_old_previews()
    retention.collect_garbage()
    assert files(run_folder) == set()


def test_t5_a_rivals_files_are_never_collected_here(
    voyage: Any, owner: Any, work: Make, run_folder: Path, rival: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = run_folder / rival.schema_name / "objects" / "2020-01-01" / "rows.arrow"
    theirs.parent.mkdir(parents=True)
    theirs.write_bytes(b"theirs")
    later(monkeypatch, days=4)
    retention.collect_garbage()
    assert theirs.exists()


# How much a plan allows


@pytest.fixture
def allowed(tenant: Any) -> Callable[[int], None]:
    """Gives the tenant so many bytes of the run store."""
    from apps.executions import quota
    from apps.tenants.models import Feature, FeatureOverride

    feature = Feature.objects.get(key="run_store_bytes")

    def allow(limit: int) -> None:
        FeatureOverride.objects.update_or_create(subscription=tenant, feature=feature, defaults={"limit": limit})
        quota._limits.clear()

    return allow


def test_the_plans_have_the_room_they_are_sold_with(tenant: Any) -> None:
    from apps.executions import quota
    from apps.tenants import services as plans

    said = {}
    for plan in ("standard", "premium", "enterprise"):
        plans.change_plan(subscription=tenant, plan_key=plan)
        said[plan] = quota.limit()
    assert said == {"standard": 5 * 10**9, "premium": 50 * 10**9, "enterprise": None}


def test_a_full_run_store_is_402_at_the_start_with_what_would_lift_it(
    voyage: Any, owner: Any, work: Make, allowed: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    allowed(10_000_000)
    old = ran(voyage, owner, work)
    allowed(1)
    with pytest.raises(LimitReached) as refused:
        services.start_execution(viewer=owner, workflow_id=voyage.pk)
    assert (refused.value.status, refused.value.extra["limit"]) == (402, "run_store_bytes")
    assert refused.value.extra["plans"] == ["Standard", "Premium", "Enterprise"]
    with pytest.raises(LimitReached):
        services.retry_execution(viewer=owner, execution_id=old.pk)
    assert work(services.start_preview(viewer=owner, workflow_id=voyage.pk, node_id="deep")).status == "success", (
        "who has to tidy up may still look"
    )
    later(monkeypatch, days=31)
    retention.remove_old_rows()
    retention.remove_old_previews()
    retention.collect_garbage()
    allowed(1_000)
    assert services.start_execution(viewer=owner, workflow_id=voyage.pk).status == "queued"


def test_a_run_that_outgrows_its_room_fails_its_node_and_leaves_nothing_half_written(
    workflow_of: Make, quays: Any, owner: Any, work: Make, allowed: Make, run_folder: Path
) -> None:
    read = node("read", "connector", "read", connector=str(quays.pk), table="quays.csv")
    grow = node("grow", "transform", "derive", expressions={"text": "repeat(repeat(quay, 1000), 20)"})
    workflow = workflow_of(*chain(read, grow))
    allowed(100_000)
    execution = work(services.start_execution(viewer=owner, workflow_id=workflow.pk))
    assert (execution.status, execution.error["code"]) == ("failed", "limit_reached")
    assert execution.error["remedy"]
    assert files(run_folder) == set()
    assert [path for path in run_folder.rglob("*") if path.is_file()] == []
    allowed(5_000_000)
    services.resume_execution(viewer=owner, execution_id=execution.pk)
    assert work(execution).status == "success"


def test_used_and_allowed_are_told(api: Make, owner: Any, voyage: Any, work: Make, allowed: Make) -> None:
    allowed(10_000_000)
    ran(voyage, owner, work)
    told = api(owner).get("/api/v1/features/usage/run_store_bytes").json()
    store = api(owner).get("/api/v1/operations").json()["run_store"]
    assert told["limit"] == store["quota_bytes"] == 10_000_000
    assert told["used"] == store["bytes"] > 0
    assert store["executions"] == 1

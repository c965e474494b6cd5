"""How far an execution is, told while one of its nodes is at work."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from apps.connectors.nodes.write import Rows
from apps.executions import selectors, services
from apps.executions.core import rows_so_far
from apps.executions.core.records import NodeState
from apps.executions.host import DatabaseHost
from tests.db.executions.conftest import chain
from tests.e2e.client import node


def test_who_asks_while_a_write_is_at_work_learns_its_rows_and_how_much_is_done(
    workflow_of: Callable[..., Any],
    quays: Any,
    owner: Any,
    api: Any,
    work: Callable[[Any], Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[tuple[dict[str, Any], dict[str, Any]]] = []
    told, passing, change = threading.Event(), Rows.__iter__, DatabaseHost.nodes_changed

    def slowly(rows: Rows) -> Iterator[Any]:
        for number, batch in enumerate(passing(rows)):
            if number == 1:
                told.wait(20)
            yield batch

    def changed(host: DatabaseHost, states: Sequence[NodeState]) -> None:
        change(host, states)
        if any(state.part for state in states) and not seen:
            [(_, progress, _)] = selectors.snapshot(owner, execution.pk, preview=False)
            seen.append((api(owner).get(f"/api/v1/executions/{execution.pk}").json(), progress))
            told.set()

    monkeypatch.setattr(Rows, "__iter__", slowly)
    monkeypatch.setattr(DatabaseHost, "nodes_changed", changed)
    monkeypatch.setattr(rows_so_far, "PROGRESS_SECONDS", 0)
    read = node("read", "connector", "read", connector=str(quays.pk), table="quays.csv", keepOutput=True)
    write = node("write", "connector", "write", connector=str(quays.pk), table="copy.csv", mode="replace", batchSize=1)
    execution = services.start_execution(viewer=owner, workflow_id=workflow_of(*chain(read, write)).pk)
    over = work(execution)

    assert over.status == "success", over.error
    [(body, progress)] = seen
    at_work = next(each for each in body["nodes"] if each["node_id"] == "write")
    assert (at_work["status"], at_work["rows_in"]) == ("running", 1)
    assert 0 < at_work["part"] < 1
    assert body["progress"] == pytest.approx((1 + at_work["part"]) / 2)
    assert progress["progress"] == pytest.approx(body["progress"], abs=0.001)
    assert progress["nodes"]["write"]["part"] == at_work["part"]
    after = api(owner).get(f"/api/v1/executions/{execution.pk}").json()
    assert after["progress"] == 1
    assert all("part" not in each for each in after["nodes"])

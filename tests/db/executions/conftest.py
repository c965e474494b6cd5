"""Workflows to run, and a worker that runs them here, without Prefect and without another process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.e2e.client import diagram, edge


@pytest.fixture(autouse=True)
def run_folder(settings: Any, tmp_path: Path) -> Iterator[Path]:
    from apps.executions import quota
    from apps.kernel.redis import client

    settings.RUN_STORE = tmp_path / "runs"
    settings.RUN_STORE_BUCKET = {"url": None}
    client().delete(*client().keys("uzo:*:run_store") or ["uzo:nothing:run_store"])  # sizes of other folders
    quota._limits.clear()
    return settings.RUN_STORE


@pytest.fixture
def job(tenant: Any, owner: Any) -> Any:
    from apps.workspaces.services.folders import create_folder
    from apps.workspaces.services.jobs import create_job
    from apps.workspaces.services.workspaces import create_workspace

    workspace = create_workspace(by=owner, name="Harbour office")
    return create_job(folder=create_folder(workspace=workspace, by=owner, name="Arrivals"), by=owner, name="Nightly")


@pytest.fixture
def workflow_of(job: Any, owner: Any) -> Callable[..., Any]:
    """Saves a diagram as a workflow."""

    def make(*drawn: Any, parameters: Any = None, by: Any = owner) -> Any:
        from apps.workflows.services.saving import create_workflow

        nodes, edges = drawn if len(drawn) == 2 else (drawn[0], [])
        return create_workflow(
            job=job, by=by, name="Tide table", diagram=diagram(nodes, edges), parameters=parameters
        ).workflow

    return make


def chain(*nodes: dict[str, Any]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Nodes one behind the other."""
    return list(nodes), [edge(a["id"], b["id"]) for a, b in pairwise(nodes)]


@pytest.fixture
def quays(owner: Any, settings: Any, tmp_path: Path) -> Any:
    """A connector of files with `quays.csv`: three rows, one of which a spreadsheet would run."""
    from apps.connectors.services.connectors import create_connector
    from apps.connectors.services.files import store_file

    settings.TENANT_STORAGE = tmp_path / "tenants"
    connector = create_connector(viewer=owner, name="Quays", connector_type="files", config={})
    store_file(
        viewer=owner, connector=connector, name="quays.csv", chunks=[b"quay,metres\nnorth,1\nsouth,3\n=east,5\n"]
    )
    return connector


@pytest.fixture
def warehouse(owner: Any, settings: Any, tmp_path: Path) -> Any:
    from apps.connectors.services.connectors import create_connector

    settings.TENANT_STORAGE = tmp_path / "tenants"
    return create_connector(viewer=owner, name="Warehouse", connector_type="sqlite", config={"file": "store.sqlite"})


@pytest.fixture
def office(committed_tenant: Any) -> Iterator[Any]:
    """Someone at a committed tenant; see `Office`."""
    from tests.db.executions.office import Office

    found = Office(committed_tenant.subscription.schema_name)
    yield found
    found.close()


@pytest.fixture
def work(settings: Any) -> Callable[..., Any]:
    """Claims an execution and runs it to its end as a worker named `owner`; `before(stage_id)` is called
    before each stage. Answers the execution as it is then."""
    # Whoever renews the lease does so on a connection of its own, and sees nothing of the test's transaction.
    settings.EXECUTION_LEASE_SECONDS = 600

    def run(execution: Any, *, owner: str = "worker-1", before: Callable[[str], None] | None = None) -> Any:
        from apps.executions.flows.session import SEAT, Seat, claimed

        token = SEAT.set(Seat(owner=owner, alone=False))
        try:
            with claimed(execution.pk, connection.schema_name) as session:
                if session is not None:

                    def stage(stage_id: str) -> None:
                        if before is not None:
                            before(stage_id)
                        session.run(stage_id)

                    session.run_all(stage)
        finally:
            SEAT.reset(token)
        return type(execution).objects.get(pk=execution.pk)

    return run

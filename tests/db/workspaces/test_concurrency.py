"""Two people at once, with rows that are really committed."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection


@pytest.fixture
def at_once(committed_tenant: Any, django_db_blocker: Any) -> Any:
    """`at_once(one, other)` runs both in threads that start together, in the tenant; errors are results."""
    from django_tenants.utils import tenant_context

    def run(*acts: Callable[[], Any]) -> list[Any]:
        start = Barrier(len(acts))

        def in_tenant(act: Callable[[], Any]) -> Any:
            try:
                with tenant_context(committed_tenant.subscription):
                    start.wait(10)
                    return act()
            except Exception as error:
                return error
            finally:
                connection.close()

        with ThreadPoolExecutor(len(acts)) as pool:
            return list(pool.map(in_tenant, acts))

    with django_db_blocker.unblock(), tenant_context(committed_tenant.subscription):
        yield run
    connection.set_schema_to_public()


def test_two_moves_at_once_never_make_a_ring(at_once: Any) -> None:
    from apps.accounts.models import User
    from apps.kernel.errors import Invalid
    from apps.workspaces.models import Folder
    from apps.workspaces.services.folders import create_folder, move_folder
    from apps.workspaces.services.workspaces import create_workspace

    olive = User.objects.get(is_owner=True)
    workspace = create_workspace(by=olive, name="Harbour office")
    for number in range(5):
        left = create_folder(workspace=workspace, by=olive, name=f"Left {number}")
        right = create_folder(workspace=workspace, by=olive, name=f"Right {number}")
        results = at_once(
            lambda left=left, right=right: move_folder(folder=left, to=right, by=olive),
            lambda left=left, right=right: move_folder(folder=right, to=left, by=olive),
        )
        refused = [result for result in results if isinstance(result, Exception)]
        assert [type(error) for error in refused] == [Invalid], results
        left, right = Folder.objects.get(pk=left.pk), Folder.objects.get(pk=right.pk)
        inner, outer = (left, right) if left.parent_id else (right, left)
        assert (inner.path, outer.path) == ([outer.pk, inner.pk], [outer.pk])


def test_two_saves_of_one_version_at_once_keep_one(at_once: Any) -> None:
    from apps.accounts.models import User
    from apps.kernel.errors import Conflict
    from apps.workflows.models import WorkflowVersion
    from apps.workflows.services.saving import create_workflow, save_workflow
    from apps.workspaces.services.folders import create_folder
    from apps.workspaces.services.jobs import create_job
    from apps.workspaces.services.workspaces import create_workspace

    olive = User.objects.get(is_owner=True)
    folder = create_folder(workspace=create_workspace(by=olive, name="Office"), by=olive, name="Arrivals")
    job = create_job(folder=folder, by=olive, name="Nightly")
    workflow = create_workflow(job=job, by=olive, name="Late", diagram={"nodes": [], "edges": []}).workflow

    def save(x: int) -> Any:
        drawn = {"nodes": [], "edges": [], "viewport": {"x": x}}
        return save_workflow(workflow=workflow, by=olive, changes={}, diagram=drawn, expected_version=1)

    results = at_once(lambda: save(1), lambda: save(2))
    assert sorted(type(result) is Conflict for result in results) == [False, True], results
    assert list(WorkflowVersion.objects.order_by("number").values_list("number", flat=True)) == [1, 2]

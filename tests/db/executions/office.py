"""A tenant whose rows are really committed, as someone who uses it from outside the test's transaction."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection
from django_tenants.utils import schema_context

from tests.db.executions.conftest import chain
from tests.e2e.client import diagram


class Office:
    """The committed tenant, as someone who uses it. It works on a thread, hence on a connection, of its own:
    the test's is in a transaction that no worker sees into."""

    def __init__(self, schema: str) -> None:
        self.schema = schema
        self._thread = ThreadPoolExecutor(max_workers=1)

    def call(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        def there() -> Any:
            with schema_context(self.schema):
                return function(*args, **kwargs)

        return self._thread.submit(there).result()

    def close(self) -> None:
        self._thread.submit(_close_connection).result()
        self._thread.shutdown()

    def start(self, *nodes: dict[str, Any]) -> Any:
        """Start a run of a chain of nodes."""
        return self.call(_start, *chain(*nodes))

    def preview(self, *nodes: dict[str, Any], node_id: str, **how: Any) -> Any:
        """Start a preview of one node of a chain."""
        return self.call(_preview, *chain(*nodes), node_id, **how)

    def cancel(self, execution: Any) -> None:
        self.call(_cancel, execution)

    def now(self, execution: Any) -> Any:
        """The execution as it is."""
        return self.call(type(execution).objects.get, pk=execution.pk)

    def stages(self, execution: Any) -> list[Any]:
        return self.call(lambda: list(execution.stages.all()))

    def until(self, execution: Any, true: Callable[[Any], bool], *, seconds: float = 30) -> Any:
        """The execution once that is true of it."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = self.now(execution)
            if true(found):
                return found
            time.sleep(0.02)
        raise AssertionError(f"it is still {found.status} ({found.error}), held by {found.lease_owner}")

    def until_over(self, execution: Any, *, seconds: float = 90) -> Any:
        return self.until(execution, lambda each: each.is_over, seconds=seconds)


def _start(nodes: Any, edges: Any) -> Any:
    from apps.executions.services import start_execution

    workflow, owner = saved(nodes, edges)
    return start_execution(viewer=owner, workflow_id=workflow.pk)


def _preview(nodes: Any, edges: Any, node_id: str, **how: Any) -> Any:
    from apps.executions.services import start_preview

    workflow, owner = saved(nodes, edges)
    return start_preview(viewer=owner, workflow_id=workflow.pk, node_id=node_id, **how)


def saved(nodes: Any, edges: Any) -> tuple[Any, Any]:
    """A workflow of the present tenant, and the owner, whose it is."""
    from apps.accounts.models import User
    from apps.workflows.services.saving import create_workflow
    from apps.workspaces.services.folders import create_folder
    from apps.workspaces.services.jobs import create_job
    from apps.workspaces.services.workspaces import create_workspace

    owner = User.objects.get(is_owner=True)
    folder = create_folder(workspace=create_workspace(by=owner, name="Sea"), by=owner, name="Tides")
    job = create_job(folder=folder, by=owner, name="Nightly")
    return create_workflow(job=job, by=owner, name="Tide", diagram=diagram(nodes, edges)).workflow, owner


def _cancel(execution: Any) -> None:
    from apps.accounts.models import User
    from apps.executions.services import cancel_execution

    cancel_execution(viewer=User.objects.get(is_owner=True), execution_id=execution.pk)


def _close_connection() -> None:
    connection.close()  # of the thread that calls it

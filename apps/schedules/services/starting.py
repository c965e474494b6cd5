"""Starting what a schedule, a trigger or a webhook starts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from apps.accounts import access
from apps.accounts.access import Level
from apps.accounts.models import User
from apps.executions.models import JobRun, WorkflowExecution
from apps.executions.services import start_execution, start_job_run, start_package_run
from apps.kernel.errors import Forbidden
from apps.schedules.models.starter import Starter


@dataclass(frozen=True, slots=True)
class Started:
    """Exactly one is set."""

    job_run: JobRun | None = None
    execution: WorkflowExecution | None = None


def is_living(starter: Starter) -> bool:
    """Whether what it starts is there: neither deleted nor in something deleted."""
    kind, target_id = starter.target
    return access.kind_named(kind).queryset().filter(pk=target_id).exists()


def start_target(
    *,
    kind: str,
    target_id: UUID,
    run_as: User | None,
    parameters: Mapping[str, Any],
    environment: str | None,
    trigger: str,
    depth: int = 0,
) -> Started:
    """Start a job, a job package or a workflow in somebody's name.

    Raises Forbidden, NotFound where they may not run it any more, and what the starting services raise.
    """
    if run_as is None:
        raise Forbidden("Whoever saved this is gone", remedy="Let somebody who may run it save it again")
    if kind == "workflow":
        return Started(
            execution=start_execution(
                viewer=run_as,
                workflow_id=target_id,
                parameters=parameters,
                environment=environment,
                trigger=trigger,
            )
        )
    target = access.get_visible(run_as, kind, target_id, Level.EXECUTE)
    how: Any = {
        "by": run_as, "parameters": parameters, "environment": environment, "trigger": trigger, "depth": depth,
    }  # fmt: skip
    if kind == "job":
        return Started(job_run=start_job_run(job=target, **how))
    return Started(job_run=start_package_run(package=target, **how))

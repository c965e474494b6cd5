"""run_job: a whole job, or a job package, as a node."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

import polars as pl
from pydantic import Field, model_validator

from apps.executions.core.job_runs import JobRunStatus
from apps.executions.nodes.control import ControlNodeType
from apps.kernel.clock import now
from apps.kernel.errors import NodeError
from apps.nodes.columns import STRING, Column, Schema
from apps.nodes.config import NodeConfig
from apps.nodes.registry import register
from apps.nodes.types import Frames, InferContext, Inference, Inputs, Parked, RunContext, RunResult

_LOOK_AGAIN = timedelta(seconds=60)
"""The end of the run wakes its parent at once; this is for an end that nobody told of."""
RAN = Schema((Column("job_run_id", STRING, nullable=False), Column("status", STRING, nullable=False)))


class RunJobConfig(NodeConfig):
    job_id: str | None = Field(
        default=None, min_length=1, max_length=100, title="Job", json_schema_extra={"widget": "job"}
    )
    job_package_id: str | None = Field(
        default=None, min_length=1, max_length=100, title="Job package", json_schema_extra={"widget": "job_package"}
    )
    parameters: dict[str, Any] = Field(
        default_factory=dict,
        title="Parameters",
        description="Values for the parameters of its workflows, by name; texts may hold {{ name }}",
        examples=[{"region": "EU", "day": "{{ day }}"}],
    )
    wait: bool = Field(default=True, title="Wait", description="If not, this goes on at once, with the id of the run")

    @model_validator(mode="after")
    def _one_of_them(self) -> RunJobConfig:
        if (self.job_id is None) == (self.job_package_id is None):
            raise ValueError("give either jobId or jobPackageId")
        return self


@register
class RunJob(ControlNodeType):
    """Runs a job, or a package of jobs, as that says (in order or side by side), by the right of who saved this
    workflow, and gives one row about the run. It holds no worker meanwhile. If this execution is cancelled, so
    is the run; if the run fails, so does this node, and tells its id."""

    operation = "run_job"
    label = "Run job"
    description = "Run every workflow of a job, or every job of a package"
    icon = "briefcase"
    Config = RunJobConfig
    has_external_effect: ClassVar[bool] = True  # of what it runs

    def infer(self, config: NodeConfig, inputs: Inputs, context: InferContext) -> Inference:
        return Inference({"output": RAN})

    def run(self, config: NodeConfig, inputs: Frames, context: RunContext) -> RunResult | Parked:
        assert isinstance(config, RunJobConfig)
        from apps.executions.services import job_children  # which need Django; node types do not

        left = context.parked_state
        if left is None:
            call = job_children.Call(
                key=context.idempotency_key,
                job_id=config.job_id,
                job_package_id=config.job_package_id,
                parameters=config.parameters,
                waits=config.wait,
            )
            run_id = context.perform(lambda execution: job_children.begin(execution, call))
            context.log("info", f"Job run {run_id} began")
        else:
            run_id = UUID(left["job_run"])
        run = context.perform(lambda _: job_children.look(run_id))
        if config.wait:
            if not run.is_over:
                return Parked("children", now() + _LOOK_AGAIN, {"job_run": str(run_id)})
            if run.status != JobRunStatus.SUCCESS:
                raise _failure(run_id, run.status, run.error)
        row = {"job_run_id": [str(run_id)], "status": [run.status]}
        return RunResult(rows_out=context.write_frame("output", pl.LazyFrame(row, schema=RAN.to_polars())))


def _failure(run_id: UUID, status: str, error: Any) -> NodeError:
    if status == JobRunStatus.CANCELLED:
        return NodeError(f"Job run {run_id} was cancelled", code="child_cancelled", remedy="Run this one again.")
    said = f": {error['message']}" if error else ""
    return NodeError(f"Job run {run_id} failed{said}", code="child_failed", remedy=f"Look at job run {run_id}.")

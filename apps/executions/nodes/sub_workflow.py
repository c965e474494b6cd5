"""sub_workflow: a workflow within a workflow."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

import polars as pl
from pydantic import Field, model_validator

from apps.executions.core.states import ExecutionStatus
from apps.executions.nodes.control import ControlNodeType, arriving
from apps.kernel.clock import now
from apps.kernel.errors import NodeError
from apps.nodes.columns import STRING, UNKNOWN, Column, Schema
from apps.nodes.config import NodeConfig
from apps.nodes.registry import register
from apps.nodes.types import Frames, InferContext, Inference, Inputs, Parked, RunContext, RunResult

_LOOK_AGAIN = timedelta(seconds=60)
"""The end of a child wakes its parent at once; this is for an end that nobody told of."""
STARTED = Schema((Column("execution_id", STRING, nullable=False),))


class SubWorkflowConfig(NodeConfig):
    workflow_id: str = Field(min_length=1, max_length=100, title="Workflow", json_schema_extra={"widget": "workflow"})
    parameters: dict[str, Any] = Field(
        default_factory=dict,
        title="Parameters",
        description="Values for its parameters, by name; texts may hold {{ name }}",
        examples=[{"region": "EU", "day": "{{ day }}"}],
    )
    input_node: str | None = Field(
        default=None,
        min_length=1,
        max_length=200,
        title="Input node",
        description="Node of that workflow to whose input the rows go; without one they stay here",
    )
    output_node: str | None = Field(
        default=None,
        min_length=1,
        max_length=200,
        title="Output node",
        description="Node of that workflow whose rows come back; by default the one on which nothing hangs",
    )
    wait: bool = Field(
        default=True, title="Wait", description="If not, this goes on at once, with the id of the execution"
    )

    @model_validator(mode="after")
    def _rows_come_back_only_in_time(self) -> SubWorkflowConfig:
        if not self.wait and self.output_node is not None:
            raise ValueError("outputNode needs wait: rows come back only once the workflow is over")
        return self


@register
class SubWorkflow(ControlNodeType):
    """Runs another workflow as an execution of its own, by the right of who saved this one, and gives what that
    gives. It holds no worker meanwhile. If this execution is cancelled, so is that one; if that one fails, so
    does this node, and tells its id."""

    operation = "sub_workflow"
    label = "Sub-workflow"
    description = "Run another workflow as part of this one"
    icon = "workflow"
    Config = SubWorkflowConfig
    has_external_effect: ClassVar[bool] = True  # of what it runs

    def infer(self, config: NodeConfig, inputs: Inputs, context: InferContext) -> Inference:
        assert isinstance(config, SubWorkflowConfig)
        if context.workflows is None:
            return Inference({"output": UNKNOWN if config.wait else STARTED})
        rows, problems = context.workflows.rows_of(
            config.workflow_id,
            parameters=config.parameters,
            input_node=config.input_node,
            output_node=config.output_node,
            rows=arriving(inputs),
        )
        return Inference({"output": rows if config.wait else STARTED}, problems)

    def run(self, config: NodeConfig, inputs: Frames, context: RunContext) -> RunResult | Parked:
        assert isinstance(config, SubWorkflowConfig)
        from apps.executions.services import children  # which need Django; node types do not

        left = context.parked_state
        if left is None:
            call = children.Call(
                key=context.idempotency_key,
                workflow_id=config.workflow_id,
                parameters=config.parameters,
                waits=config.wait,
                rows=context.arrived("input") if config.input_node is not None else None,
                input_node=config.input_node,
                output_node=config.output_node if config.wait else None,
            )
            child_id, answers = context.perform(lambda execution: children.begin(execution, call))
            context.log("info", f"Execution {child_id} runs the workflow")
        else:
            child_id, answers = UUID(left["child"]), None if left["answers"] is None else tuple(left["answers"])
        if not config.wait:
            context.write_frame("output", pl.LazyFrame({"execution_id": [str(child_id)]}, schema=STARTED.to_polars()))
            return RunResult(rows_out=1)
        child = context.perform(lambda _: children.look(child_id, answers))
        if not child.is_over:
            return Parked("children", now() + _LOOK_AGAIN, {"child": str(child_id), "answers": answers})
        if child.status is not ExecutionStatus.SUCCESS:
            raise _failure(child.id, child.status, child.error)
        if child.rows is None:
            return RunResult(rows_out=context.write_frame("output", (context.schema("output") or Schema()).empty()))
        return RunResult(rows_out=context.take_over("output", child.rows))


def _failure(child_id: UUID, status: ExecutionStatus, error: Any) -> NodeError:
    if status is ExecutionStatus.CANCELLED:
        return NodeError(f"Execution {child_id} was cancelled", code="child_cancelled", remedy="Run this one again.")
    said = f": {error.get('node_id', '')}: {error['code']}: {error['message']}" if error else ""
    return NodeError(f"Execution {child_id} failed{said}", code="child_failed", remedy=f"Look at execution {child_id}.")

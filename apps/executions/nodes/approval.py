"""approval: a person decides which way it goes."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from apps.executions.nodes.control import ControlNodeType, arriving
from apps.kernel.errors import NodeError
from apps.nodes.config import NodeConfig
from apps.nodes.ports import OutputPort
from apps.nodes.problems import Problem
from apps.nodes.registry import register
from apps.nodes.types import Frames, InferContext, Inference, Inputs, Parked, RunContext, RunResult

APPROVED, REJECTED = "approved", "rejected"


class ApprovalConfig(NodeConfig):
    message: str = Field(
        default="",
        max_length=4000,
        title="Message",
        description="What those who decide read; it may hold {{ name }}",
        examples=["Send {{ count }} invoices?"],
    )
    approvers: list[Annotated[str, Field(min_length=1, max_length=254)]] = Field(
        default_factory=list,
        max_length=100,
        title="Approvers",
        description="E-mail addresses or ids of people, names or ids of groups; without any, whoever may execute "
        "the workflow",
        examples=[["olive@harbour.example", "Pilots"]],
    )
    expires_after: float | None = Field(
        default=None, gt=0, le=31_536_000, title="Expires after", description="Seconds; without, it waits for ever"
    )
    on_expiry: Literal["reject", "fail"] = Field(
        default="reject", title="On expiry", description="What it means if nobody decides in time"
    )


@register
class ApprovalNode(ControlNodeType):
    """Asks people, by mail and on their page, and hands its rows on by `approved` or `rejected`. It holds no
    worker while it waits. Who decided, when and with what comment is in the node's log and in the audit. A
    preview asks nobody and takes `approved`."""

    operation = "approval"
    label = "Approval"
    description = "Let a person decide whether it goes on"
    icon = "user-check"
    Config = ApprovalConfig

    def outputs(self, config: NodeConfig) -> tuple[OutputPort, ...]:
        return (OutputPort(APPROVED, "branch"), OutputPort(REJECTED, "branch"))

    def infer(self, config: NodeConfig, inputs: Inputs, context: InferContext) -> Inference:
        assert isinstance(config, ApprovalConfig)
        schema = arriving(inputs)
        unknown = set(context.workflows.unknown_people(config.approvers)) if context.workflows is not None else set()
        problems = tuple(
            Problem("invalid_config", f"nobody, and no group, is called {name!r}", f"config.approvers.{index}")
            for index, name in enumerate(config.approvers)
            if name in unknown
        )
        return Inference({APPROVED: schema, REJECTED: schema}, problems)

    def run(self, config: NodeConfig, inputs: Frames, context: RunContext) -> RunResult | Parked:
        assert isinstance(config, ApprovalConfig)
        if context.sample is not None:
            return _go(APPROVED, context)
        from apps.executions.services import approvals  # which need Django; node types do not

        left = context.parked_state
        found = None if left is None else context.perform(lambda _: approvals.look(UUID(left["approval"])))
        if found is None or found.status == "withdrawn":  # its execution ended, and was resumed
            question = approvals.Question(
                key=context.idempotency_key,
                node_id=context.node_id,
                message=config.message,
                approvers=config.approvers,
                expires_after=config.expires_after,
            )
            found = context.perform(lambda execution: approvals.ask(execution, question))
        match found.status:
            case "pending":
                return Parked("approval", found.expires_at, {"approval": str(found.pk)})
            case "approved" | "rejected":
                who = "somebody who is gone" if found.decided_by is None else found.decided_by.email
                said = f": {found.comment}" if found.comment else ""
                context.log(
                    "info", f"{found.status.capitalize()} by {who} at {found.decided_at:%Y-%m-%d %H:%M:%S} UTC{said}"
                )
                return _go(found.status, context)
            case _ if config.on_expiry == "fail":
                raise NodeError(
                    "Nobody decided in time",
                    code="approval_expired",
                    remedy="Resume the execution to ask again, or give people more time.",
                )
            case _:
                context.log("warning", "Nobody decided in time, which means no")
                return _go(REJECTED, context)


def _go(port: str, context: RunContext) -> RunResult:
    rows = context.forward(port)
    return RunResult(rows_in=rows, rows_out=rows, branches=(port,))

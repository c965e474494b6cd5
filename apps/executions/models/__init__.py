"""Runs of workflows, in the tenant's schema."""

from apps.executions.models.approval import Approval
from apps.executions.models.execution import WorkflowExecution
from apps.executions.models.iteration import LoopIteration
from apps.executions.models.job_run import JobRun, JobRunStep
from apps.executions.models.log import ExecutionLog
from apps.executions.models.node import NodeExecution
from apps.executions.models.parked import ParkedStage
from apps.executions.models.preview import NodePreview
from apps.executions.models.reference import ObjectReference
from apps.executions.models.sample import SourceSample
from apps.executions.models.stage import StageResult
from apps.executions.models.stored_output import StoredOutput

__all__ = [
    "Approval",
    "ExecutionLog",
    "JobRun",
    "JobRunStep",
    "LoopIteration",
    "NodeExecution",
    "NodePreview",
    "ObjectReference",
    "ParkedStage",
    "SourceSample",
    "StageResult",
    "StoredOutput",
    "WorkflowExecution",
]

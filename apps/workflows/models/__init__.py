"""Workflows and their versions."""

from apps.workflows.models.environment import Environment
from apps.workflows.models.lock import WorkflowLock
from apps.workflows.models.node import WorkflowNode
from apps.workflows.models.version import WorkflowVersion
from apps.workflows.models.workflow import Workflow

__all__ = ["Environment", "Workflow", "WorkflowLock", "WorkflowNode", "WorkflowVersion"]

"""Bodies of workflows."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.accounts.models import User
from apps.workflows.api.fields import (
    DependenciesSerializer,
    JsonObjectField,
    NodeProblemSerializer,
    SchemaSerializer,
    StageSerializer,
)
from apps.workflows.models import Workflow, WorkflowVersion
from apps.workflows.selectors import lock_of
from apps.workflows.services.saving import Saved
from apps.workspaces.api.fields import ResourceSerializer, ResourceWriteSerializer
from apps.workspaces.models.resource import NAME_LENGTH

AT_ONCE_HELP = "So many of its executions run at once; further ones wait. Null: any number"
TIMEOUT_HELP = (
    "Seconds that workers may work on one execution; what it waits is not counted. Null: the operator's limit"
)


class LimitsWriteSerializer(serializers.Serializer[Any]):
    """What one execution, and all of them at once, may take."""

    max_concurrent_executions = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=100_000, help_text=AT_ONCE_HELP
    )
    timeout = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=31_536_000, help_text=TIMEOUT_HELP
    )


class WorkflowSummarySerializer(ResourceSerializer):
    """A workflow in lists: without its diagram."""

    job_id = serializers.UUIDField()
    version = serializers.IntegerField(help_text="Grows with every change of diagram or parameters")
    node_count = serializers.IntegerField()
    updated_by = serializers.UUIDField(source="updated_by_id", allow_null=True)
    on_failure_workflow_id = serializers.UUIDField(allow_null=True, help_text="Started when a run of this one fails")
    max_concurrent_executions = serializers.IntegerField(allow_null=True, help_text=AT_ONCE_HELP)
    timeout = serializers.IntegerField(allow_null=True, help_text=TIMEOUT_HELP)


class PersonSerializer(serializers.Serializer[Any]):
    """A person as others see them beside a version or a lock."""

    id = serializers.UUIDField()
    name = serializers.SerializerMethodField()

    def get_name(self, user: User) -> str:
        return user.name or user.email


class LockSerializer(serializers.Serializer[Any]):
    """Who has checked a workflow out."""

    holder = PersonSerializer()
    since = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(help_text="Each save of the holder puts it off")


class WorkflowSerializer(WorkflowSummarySerializer):
    version_id = serializers.UUIDField(help_text="Of the current version")
    lock = LockSerializer(allow_null=True, help_text="Who has checked it out: nobody else saves it")
    workflow_diagram = JsonObjectField(read_only=True)
    parameters = JsonObjectField(read_only=True)


class SavedWorkflowSerializer(WorkflowSerializer):
    dependencies = DependenciesSerializer()
    problems = NodeProblemSerializer(many=True)


def workflow_body(workflow: Workflow, version: WorkflowVersion) -> dict[str, Any]:
    """A WorkflowSerializer's output; the diagram is handed through as it is."""
    lock = lock_of(workflow)
    held = {"version_id": str(version.pk), "lock": None if lock is None else LockSerializer(lock).data}
    summary = WorkflowSummarySerializer(workflow).data
    return {**summary, **held, "workflow_diagram": version.diagram, "parameters": version.parameters}


def saved_body(saved: Saved) -> dict[str, Any]:
    """A SavedWorkflowSerializer's output."""
    return {
        **workflow_body(saved.workflow, saved.version),
        "dependencies": saved.analysis.dependencies,
        "problems": [problem.as_json() for problem in saved.analysis.problems],
    }


ON_FAILURE_HELP = (
    "The workflow to start when a run of this one fails, with the parameters execution_id, workflow_id and error; "
    "one needs execute on it"
)


class WorkflowCreateSerializer(LimitsWriteSerializer, ResourceWriteSerializer):
    on_failure_workflow_id = serializers.UUIDField(required=False, allow_null=True, help_text=ON_FAILURE_HELP)
    workflow_diagram = JsonObjectField()
    parameters = JsonObjectField(required=False)


class WorkflowPatchSerializer(LimitsWriteSerializer, ResourceWriteSerializer):
    on_failure_workflow_id = serializers.UUIDField(required=False, allow_null=True, help_text=ON_FAILURE_HELP)
    workflow_diagram = JsonObjectField(required=False)
    parameters = JsonObjectField(required=False)
    version = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=2**31 - 1,
        help_text="The version that was changed; 409 `version_conflict` if it is not the current one",
    )
    autosave = serializers.BooleanField(
        required=False,
        default=False,
        help_text="Nobody asked for this save: it may take the place of the author's autosave before it",
    )


class WorkflowCopySerializer(serializers.Serializer[Any]):
    name = serializers.CharField(required=False, max_length=NAME_LENGTH)
    job_id = serializers.UUIDField(required=False, help_text="Where to; by default beside the original")


class ValidateSerializer(serializers.Serializer[Any]):
    workflow_diagram = JsonObjectField()
    parameters = JsonObjectField(required=False)


class ValidationSerializer(serializers.Serializer[Any]):
    problems = NodeProblemSerializer(many=True)
    dependencies = DependenciesSerializer()
    schema = SchemaSerializer()
    plan = StageSerializer(
        many=True,
        allow_null=True,
        help_text="The stages in an order in which they may run; null while the diagram has errors, and from a "
        "thousand nodes on",
    )

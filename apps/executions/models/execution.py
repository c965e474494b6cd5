"""One run, or one preview, of a workflow version."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from apps.executions.core.states import OVER, ExecutionStatus
from apps.kernel.ids import new_id
from apps.workflows.models.diagram_field import DiagramField


class WorkflowExecution(models.Model):
    """The truth about a run; queues, leases in Redis and Prefect's states are hints derived from it.

    Whoever runs it holds the lease: `lease_owner` until `lease_until`, under the fencing token `fence`,
    which grows with every claim. A commit under an older token is refused (THREATS F2).
    `recoveries` counts the workers lost since a stage was last finished.
    """

    class Kind(models.TextChoices):
        RUN = "run"
        PREVIEW = "preview"

    Status = ExecutionStatus
    OVER = OVER

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workflow = models.ForeignKey("workflows.Workflow", on_delete=models.CASCADE, related_name="executions")
    version = models.ForeignKey("workflows.WorkflowVersion", on_delete=models.RESTRICT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.RUN)
    status = models.CharField(
        max_length=10,
        choices=[(each.value, each.value) for each in ExecutionStatus],
        default=ExecutionStatus.QUEUED.value,
    )
    waiting_for = models.CharField(max_length=20, null=True, blank=True)
    parameters = models.JSONField(default=dict, blank=True)
    trigger = models.CharField(max_length=20, default="manual")
    triggered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    retry_of = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", help_text="What it repeats"
    )
    job_run = models.ForeignKey(
        "executions.JobRun", null=True, blank=True, on_delete=models.SET_NULL, related_name="executions"
    )
    parent = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="children",
        help_text="Whose node began it",
    )
    parent_key = models.CharField(
        max_length=1500, null=True, blank=True, help_text="The call of that node: it begins one execution, not two"
    )
    parent_waits = models.BooleanField(default=False, help_text="Whether it ends with its parent")
    depth = models.PositiveSmallIntegerField(default=0, help_text="How many executions are above it")
    environment = models.ForeignKey(
        "workflows.Environment", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    stand_ins = models.JSONField(
        default=dict, blank=True, help_text="Connectors that stand in for those of the diagram, as its environment said"
    )
    connectors = ArrayField(
        models.UUIDField(), default=list, db_default=[], blank=True, help_text="Those that nodes of the plan use"
    )
    plan = DiagramField(default=dict, blank=True)
    preview = models.JSONField(
        null=True, blank=True, help_text="Rows given by reference; of a preview also node and limit"
    )

    progress = models.FloatField(default=0)
    forecast = models.JSONField(null=True, blank=True, help_text="What was forecast when it began, and its error")
    warnings = models.PositiveIntegerField(default=0)
    error = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    queued_at = models.DateTimeField(db_default=Now(), editable=False)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    cancel_requested_at = models.DateTimeField(null=True, blank=True)
    pause_requested_at = models.DateTimeField(null=True, blank=True, help_text="Until a person resumes it")
    wake_at = models.DateTimeField(null=True, blank=True, help_text="When a paused execution goes on at the latest")
    wake_wanted = models.BooleanField(
        default=False, help_text="What a node waits for came true while a worker still had the execution"
    )
    data_removed_at = models.DateTimeField(null=True, blank=True, help_text="When its datasets were removed")

    lease_owner = models.CharField(max_length=100, null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    fence = models.PositiveIntegerField(default=0)
    recoveries = models.PositiveIntegerField(default=0)
    claimed_at = models.DateTimeField(null=True, blank=True, help_text="When its worker took it")
    worked_ms = models.PositiveBigIntegerField(
        default=0, db_default=0, help_text="What workers before this one worked on it; what it waits is not counted"
    )

    prefect_flow_run_id = models.UUIDField(null=True, blank=True)
    prefect_state = models.CharField(
        max_length=10, default="", blank=True, help_text="The status Prefect was told last"
    )

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["parent", "parent_key"], name="one_child_per_call")]
        indexes = [
            models.Index(fields=["workflow", "-created_at"], name="execution_of_workflow"),
            models.Index(fields=["-created_at"], name="execution_newest"),
            models.Index(
                fields=["status", "queued_at"],
                name="execution_unfinished",
                condition=models.Q(status__in=["queued", "running", "paused"]),
            ),
            models.Index(fields=["wake_at"], name="execution_to_wake", condition=models.Q(status="paused")),
            models.Index(
                fields=["finished_at"],
                name="execution_untold",
                condition=~models.Q(prefect_state=models.F("status")) & models.Q(kind="run"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id} ({self.status})"

    @property
    def is_over(self) -> bool:
        return self.status in OVER

"""One run of a job or of a job package, and its steps."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from apps.executions.core.job_runs import JOB_RUN_OVER, JobRunStatus, StepStatus
from apps.kernel.ids import new_id
from apps.workspaces.core.running import Mode, OnFailure


class JobRun(models.Model):
    """Exactly one of `job` and `job_package` is set. `parent` is the package's run that started this one;
    `trigger` says what asked for it, `depth` how many events led from one run to the next until here."""

    class Status(models.TextChoices):
        QUEUED = JobRunStatus.QUEUED.value
        RUNNING = JobRunStatus.RUNNING.value
        SUCCESS = JobRunStatus.SUCCESS.value
        FAILED = JobRunStatus.FAILED.value
        CANCELLED = JobRunStatus.CANCELLED.value

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    job = models.ForeignKey("workspaces.Job", null=True, blank=True, on_delete=models.CASCADE, related_name="runs")
    job_package = models.ForeignKey(
        "workspaces.JobPackage", null=True, blank=True, on_delete=models.CASCADE, related_name="runs"
    )
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.CASCADE, related_name="children")
    status = models.CharField(max_length=10, choices=Status, default=JobRunStatus.QUEUED.value)
    mode = models.CharField(max_length=10, default=Mode.SEQUENTIAL.value)
    on_failure = models.CharField(max_length=10, default=OnFailure.STOP.value)
    parameters = models.JSONField(default=dict, blank=True)
    environment = models.CharField(max_length=100, null=True, blank=True)
    trigger = models.CharField(max_length=20, default="manual")
    triggered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    depth = models.PositiveIntegerField(default=0)
    parent_execution = models.ForeignKey(
        "executions.WorkflowExecution",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="job_runs",
        help_text="Whose node began it",
    )
    parent_key = models.CharField(
        max_length=1500, null=True, blank=True, help_text="The call of that node: it begins one run, not two"
    )
    parent_waits = models.BooleanField(default=False, help_text="Whether it ends with that execution")
    error = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    cancel_requested_at = models.DateTimeField(null=True, blank=True)
    looked_at = models.DateTimeField(db_default=Now(), editable=False, help_text="When it was last moved on")

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["-created_at"], name="job_run_newest"),
            models.Index(fields=["job", "-created_at"], name="job_run_of_job"),
            models.Index(fields=["job_package", "-created_at"], name="job_run_of_package"),
            models.Index(
                fields=["looked_at"], name="job_run_unfinished", condition=models.Q(status__in=["queued", "running"])
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(job__isnull=False, job_package=None) | models.Q(job=None, job_package__isnull=False),
                name="job_run_of_one_thing",
            ),
            models.UniqueConstraint(fields=["parent_execution", "parent_key"], name="one_job_run_per_call"),
        ]

    def __str__(self) -> str:
        return f"job run {self.id} ({self.status})"

    @property
    def is_over(self) -> bool:
        return self.status in JOB_RUN_OVER


class JobRunStep(models.Model):
    """A workflow of a job's run, with its execution, or a job of a package's run, with its own run."""

    run = models.ForeignKey(JobRun, on_delete=models.CASCADE, related_name="steps")
    position = models.PositiveIntegerField()
    workflow = models.ForeignKey(
        "workflows.Workflow", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    job = models.ForeignKey("workspaces.Job", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    execution = models.OneToOneField(
        "executions.WorkflowExecution", null=True, blank=True, on_delete=models.SET_NULL, related_name="job_run_step"
    )
    child = models.OneToOneField(
        JobRun, null=True, blank=True, on_delete=models.SET_NULL, related_name="step_of_parent"
    )
    status = models.CharField(max_length=10, default=StepStatus.PENDING.value)
    error = models.JSONField(null=True, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["run", "position"], name="one_step_per_position")]

    def __str__(self) -> str:
        return f"step {self.position} of {self.run_id}"

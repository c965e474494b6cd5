"""One verb a function: keyword-only arguments, one transaction, events at the end."""

from apps.executions.services.cancel import cancel_execution
from apps.executions.services.job_runs import advance_job_run, cancel_job_run, start_job_run, start_package_run
from apps.executions.services.parking import wake
from apps.executions.services.pause import pause_execution
from apps.executions.services.preview import start_matches, start_preview
from apps.executions.services.resume import resume_execution
from apps.executions.services.retry import retry_execution
from apps.executions.services.start import start_execution

__all__ = [
    "advance_job_run",
    "cancel_execution",
    "cancel_job_run",
    "pause_execution",
    "resume_execution",
    "retry_execution",
    "start_execution",
    "start_job_run",
    "start_matches",
    "start_package_run",
    "start_preview",
    "wake",
]

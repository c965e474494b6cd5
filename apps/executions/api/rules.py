"""Who may see, and stop, a run: whoever may read, or execute, what it runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rest_framework.request import Request

from apps.accounts.access import Level
from apps.executions import approvals, selectors
from apps.kernel.api.rules import require_signed_in


@dataclass(frozen=True, slots=True)
class OnExecution:
    """Those who hold the level on the workflow of the execution that the path names."""

    level: Level = Level.READ
    public: bool = False

    def check(self, view: Any, request: Request) -> None:
        require_signed_in(request)
        view.object = selectors.get_execution(view.viewer, view.kwargs["id"], self.level)


@dataclass(frozen=True, slots=True)
class OnJobRun:
    """Those who hold the level on the job or the package whose run the path names."""

    level: Level = Level.READ
    public: bool = False

    def check(self, view: Any, request: Request) -> None:
        require_signed_in(request)
        view.object = selectors.get_job_run(view.viewer, view.kwargs["id"], self.level)


@dataclass(frozen=True, slots=True)
class OnApproval:
    """Those who were asked, and those who may see that others were."""

    to_decide: bool = False
    public: bool = False

    def check(self, view: Any, request: Request) -> None:
        require_signed_in(request)
        view.object = approvals.get_approval(view.viewer, view.kwargs["id"], to_decide=self.to_decide)

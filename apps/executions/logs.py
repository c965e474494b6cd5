"""What an execution says: a bounded number of bounded lines (THREATS 60)."""

from __future__ import annotations

from django.conf import settings

from apps.executions import bodies
from apps.executions.models import ExecutionLog, WorkflowExecution
from apps.kernel import clock

_LEVELS = frozenset(ExecutionLog.Level.values)


class LogBook:
    """The log of one execution, as one worker writes it."""

    def __init__(self, execution: WorkflowExecution) -> None:
        self._execution = execution
        self._lines: int | None = None

    def write(self, node_id: str | None, level: str, message: str) -> list[ExecutionLog]:
        """Add a line; answers what was written: nothing, once the log has said that it is full."""
        if self._lines is None:
            self._lines = ExecutionLog.objects.filter(execution=self._execution).count()
        if self._lines >= settings.EXECUTION_LOG_LINES:
            return []
        self._lines += 1
        if self._lines == settings.EXECUTION_LOG_LINES:
            node_id, level, message = None, "warning", "The log is full; what follows is not kept"
        # NUL cannot be stored in PostgreSQL's text, and a driver's message may hold it.
        text = bodies.clip(message.replace("\0", "\N{REPLACEMENT CHARACTER}"))
        return [
            ExecutionLog.objects.create(
                execution=self._execution,
                node_id=node_id,
                level=level if level in _LEVELS else ExecutionLog.Level.INFO,
                message=text,
                at=clock.now(),
            )
        ]

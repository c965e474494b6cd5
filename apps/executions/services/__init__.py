"""One verb a function: keyword-only arguments, one transaction, events at the end."""

from apps.executions.services.cancel import cancel_execution
from apps.executions.services.parking import wake
from apps.executions.services.preview import start_preview
from apps.executions.services.start import start_execution

__all__ = ["cancel_execution", "start_execution", "start_preview", "wake"]

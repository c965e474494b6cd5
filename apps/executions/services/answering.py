"""What whoever called a workflow gets back at once: the response that an `http_response` node made."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings

from apps.executions import outputs
from apps.executions.core.states import OVER
from apps.executions.models import NodeExecution, WorkflowExecution
from apps.kernel.errors import Conflict, Gone

MAX_WAIT_SECONDS = 30.0
_FIRST_LOOK, _LAST_LOOK = 0.02, 0.25
_PLACES = threading.BoundedSemaphore(max(1, settings.WEB_THREADS // 4))
"""Those who wait hold a thread of the web server each: beyond so many, the answer is that it runs."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP response; `body` is JSON."""

    status: int
    headers: Mapping[str, str]
    body: Any


def wait_until_over(execution_id: UUID, *, seconds: float) -> WorkflowExecution:
    """The execution once it is over, or as it is after `seconds`, 30 at most, or at once where too many wait
    already. Call it outside a transaction."""
    if not _PLACES.acquire(blocking=False):
        return WorkflowExecution.objects.get(id=execution_id)
    try:
        return _wait(execution_id, min(seconds, MAX_WAIT_SECONDS))
    finally:
        _PLACES.release()


def _wait(execution_id: UUID, seconds: float) -> WorkflowExecution:
    end = time.monotonic() + seconds
    pause = _FIRST_LOOK
    while True:
        status = WorkflowExecution.objects.values_list("status", flat=True).get(id=execution_id)
        left = end - time.monotonic()
        if status in OVER or left <= 0:
            return WorkflowExecution.objects.get(id=execution_id)
        time.sleep(min(pause, left))
        pause = min(pause * 1.5, _LAST_LOOK)


def answer_of(execution: WorkflowExecution) -> Answer | None:
    """What the execution's `http_response` node made, of several the one that ran last; None where none ran.

    A webhook that answers, and a call that waits, both ask here.
    """
    responders = [
        node["id"]
        for node in execution.plan.get("nodes", ())
        if (node["category"], node["operation"]) == ("control", "http_response") and not node.get("loop")
    ]
    if not responders:
        return None
    ran = NodeExecution.objects.filter(execution=execution, node_id__in=responders, status="success")
    last = ran.order_by("-finished_at", "-id").values_list("node_id", flat=True).first()
    if last is None:
        return None
    try:
        dataset = outputs.find_output(execution, last, "output")
    except (Conflict, Gone):
        return None
    row = outputs.read_output(dataset, offset=0, limit=1).frame.row(0, named=True)
    return Answer(row["status"], json.loads(row["headers"]), json.loads(row["body"]))

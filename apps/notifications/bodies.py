"""Notifications as clients read them: the API and the sockets say the same."""

from __future__ import annotations

from typing import Any

from apps.executions.bodies import moment
from apps.notifications.models import Notification


def body(notification: Notification) -> dict[str, Any]:
    return {
        "id": str(notification.pk),
        "kind": notification.kind,
        "about": str(notification.about),
        "execution_id": str(notification.execution_id),
        "workflow_id": str(notification.workflow_id),
        "workflow_name": notification.workflow.name,
        "message": notification.message,
        "created_at": moment(notification.created_at),
        "seen_at": moment(notification.seen_at),
    }

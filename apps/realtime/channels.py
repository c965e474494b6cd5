"""The kinds of channels, who may hear each, and what it begins with."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

from apps.accounts import access
from apps.accounts.models import User
from apps.executions import selectors as executions
from apps.kernel.errors import NotFound

Rule = Callable[[User, UUID, UUID], Any]
"""Viewer, tenant's id, id in the channel's name; raises NotFound for who may not hear it."""


def _self_only(viewer: User, _tenant_id: UUID, id: UUID) -> None:
    if viewer.pk != id:
        raise NotFound


def _own_tenant(_viewer: User, tenant_id: UUID, id: UUID) -> None:
    if tenant_id != id:
        raise NotFound


_RULES: dict[str, Rule] = {
    "execution": lambda viewer, _, id: executions.get_execution(viewer, id),
    "node-preview": lambda viewer, _, id: executions.get_execution(viewer, id),
    "workflow": lambda viewer, _, id: access.get_visible(viewer, "workflow", id),
    "workspace": lambda viewer, _, id: access.get_visible(viewer, "workspace", id),
    "user": _self_only,
    "subscription": _own_tenant,
}


def _parse(channel: str) -> tuple[str, UUID]:
    kind, _, text = channel.partition(":")
    try:
        id = UUID(text)
    except ValueError:
        raise NotFound from None
    # One spelling only: the channel's name is a key of Redis.
    if kind not in _RULES or str(id) != text:
        raise NotFound
    return kind, id


def require(viewer: User, tenant_id: UUID, channel: str) -> None:
    """Raise NotFound unless the viewer may hear the channel."""
    kind, id = _parse(channel)
    _RULES[kind](viewer, tenant_id, id)


def snapshot(viewer: User, channel: str) -> list[tuple[str, str, str]]:
    """Events that stand for what has been: nobody waits for it."""
    kind, id = _parse(channel)
    if kind not in ("execution", "node-preview"):
        return []
    return [
        (event, json.dumps(data, allow_nan=False, default=str), at)
        for event, data, at in executions.snapshot(viewer, id, preview=kind == "node-preview")
    ]

"""What happens to notifications; sockets listen after the commit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from apps.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonNotified(Event):
    """`notification` is its body, as clients read it."""

    user_id: UUID
    notification: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationsSeen(Event):
    """These people's notifications were seen, or need not be any more."""

    user_ids: Sequence[UUID]

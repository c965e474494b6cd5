"""Who may see and change what starts by itself: whoever may read, or write, what it starts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rest_framework.request import Request

from apps.accounts.access import Level
from apps.kernel.api.rules import require_signed_in
from apps.schedules import selectors
from apps.schedules.models.starter import Starter


@dataclass(frozen=True, slots=True)
class OnStarter:
    """Those who hold the level on what the named schedule, trigger or hook starts."""

    model: type[Starter]
    level: Level = Level.READ
    public: bool = False

    def check(self, view: Any, request: Request) -> None:
        require_signed_in(request)
        view.object = selectors.get(view.viewer, self.model, view.kwargs["id"], self.level)


@dataclass(frozen=True, slots=True)
class OnBackfill:
    """Those who hold the level on what the schedule of the named backfill starts."""

    level: Level = Level.READ
    public: bool = False

    def check(self, view: Any, request: Request) -> None:
        require_signed_in(request)
        view.object = selectors.get_backfill(view.viewer, view.kwargs["id"], self.level)

"""What saving schedules, triggers and webhooks has in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from apps.accounts import access
from apps.accounts.access import Level
from apps.accounts.models import User
from apps.kernel.clock import now
from apps.kernel.errors import FieldError, Forbidden, Invalid
from apps.kernel.events import publish
from apps.schedules.events import StarterChanged, StarterCreated, StarterDeleted, StarterEvent
from apps.schedules.models.starter import Starter
from apps.workflows.environments import is_environment

S = TypeVar("S", bound=Starter)


def aimed(starter: S, target: Any, *, by: User) -> S:
    """The new starter with its target and in the name of whoever makes it. Raises Forbidden for somebody who
    may not run the target: it would run in their name; Invalid for an environment that is not there."""
    kind = access.kind_of(target).name
    setattr(starter, kind, target)
    starter.run_as = by
    require_may_run(starter, by)
    _require_environment(starter)
    return starter


def require_may_run(starter: Starter, by: User) -> None:
    """Raises Forbidden for somebody who may write the target, but not run it."""
    kind, target_id = starter.target
    if not access.visible(by, kind, Level.EXECUTE).filter(pk=target_id).exists():
        raise Forbidden(
            f"You need the permission execute on the {kind.replace('_', ' ')}: it will run in your name",
            remedy="Ask somebody who holds admin on it",
        )


def change(starter: Starter, changes: Mapping[str, Any], *, by: User) -> tuple[str, ...]:
    """Set the fields that differ; answers their names. Whoever changes it takes it over."""
    require_may_run(starter, by)
    differing = tuple(sorted(name for name, value in changes.items() if getattr(starter, name) != value))
    for name in differing:
        setattr(starter, name, changes[name])
    starter.run_as = by
    if "environment" in differing:
        _require_environment(starter)
    return differing


def _require_environment(starter: Starter) -> None:
    if starter.environment is None:
        return
    kind, target_id = starter.target
    found = access.kind_named(kind)
    *_, (_, workspace_id) = found.ancestors(found.queryset().get(pk=target_id))
    if not is_environment(workspace_id, starter.environment):
        message = "the workspace has no environment of that name or id"
        raise Invalid(errors=[FieldError("environment", "not_found", message)])


def tell(event: type[StarterEvent], starter: Starter, by: User, **more: Any) -> None:
    kind, target_id = starter.target
    publish(
        event(
            object_type=starter._meta.model_name or "",
            object_id=starter.pk,
            name=starter.name,
            starts=kind,
            target_id=target_id,
            by=by.pk,
            **more,
        )
    )


def tell_created(starter: Starter, by: User) -> None:
    tell(StarterCreated, starter, by)


def tell_changed(starter: Starter, by: User, fields: tuple[str, ...]) -> None:
    if fields:
        tell(StarterChanged, starter, by, fields=fields)


def delete(starter: Starter, *, by: User) -> None:
    """Set it aside: it starts nothing any more, and what it started stays."""
    starter.deleted_at, starter.enabled = now(), False
    starter.save(update_fields=["deleted_at", "enabled", "updated_at"])
    tell(StarterDeleted, starter, by)

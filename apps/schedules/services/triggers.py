"""What starts when a file arrives or a workflow has ended.

That something happened is written down in the transaction in which it happened; a scheduler's next look
starts what follows from it. So no event is lost, and none starts a thing twice.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any
from uuid import UUID

from django.db import DatabaseError, connection, transaction
from django.db.models import Q
from psycopg import sql

from apps.accounts import access
from apps.accounts.access import Level
from apps.accounts.models import User
from apps.executions.core.records import Failure
from apps.executions.models import JobRun, WorkflowExecution
from apps.kernel.errors import Conflict, FieldError, Invalid, Unprocessable, UzoError
from apps.kernel.ids import new_id
from apps.schedules.models import Trigger, TriggerFire
from apps.schedules.services import saving
from apps.schedules.services.starting import start_target

logger = logging.getLogger(__name__)
DEEPEST = 10
"""Events that may lead from one run to the next; a ring of triggers ends here."""
_SOURCES = {
    Trigger.Kind.FILE_ARRIVED: ("connector", "connector_id"),
    Trigger.Kind.WORKFLOW_FINISHED: ("workflow", "source_id"),
}
_IS_SOURCE = (
    sql.SQL("select exists (select from {} where source_id = %s and enabled and deleted_at is null)")
    .format(sql.Identifier(Trigger._meta.db_table))
    .as_string(None)
)


@transaction.atomic
def create_trigger(*, target: Any, by: User, **fields: Any) -> Trigger:
    """A trigger of a job or a workflow. Raises Invalid, Forbidden, Unprocessable `loop`."""
    trigger = saving.aimed(Trigger(**fields), target, by=by)
    _check(trigger, by)
    trigger.save(force_insert=True)
    saving.tell_created(trigger, by)
    return trigger


@transaction.atomic
def change_trigger(*, trigger: Trigger, by: User, changes: Mapping[str, Any]) -> Trigger:
    """Change or pause it; what it waits for stays what it is. Raises as `create_trigger`."""
    row = Trigger.objects.select_for_update(of=("self",)).get(pk=trigger.pk)
    changed = saving.change(row, changes, by=by)
    _check(row, by)
    row.save()
    saving.tell_changed(row, by, changed)
    return row


@transaction.atomic
def delete_trigger(*, trigger: Trigger, by: User) -> None:
    row = Trigger.objects.select_for_update(of=("self",)).get(pk=trigger.pk)
    saving.delete(row, by=by)


def _check(trigger: Trigger, by: User) -> None:
    """Whoever saves it must be able to read what it waits for."""
    kind, field = _SOURCES[Trigger.Kind(trigger.kind)]
    source_id: UUID | None = getattr(trigger, field)
    if source_id is None or not access.visible(by, kind, Level.READ).filter(pk=source_id).exists():
        raise Invalid(errors=[FieldError(field, "not_found", f"There is no {kind} {source_id}")])
    others = {"connector_id", "source_id"} - {field}
    if any(getattr(trigger, each) is not None for each in others):
        raise Invalid(errors=[FieldError(others.pop(), "invalid", f"a trigger of {trigger.kind} has no such field")])
    if trigger.kind == Trigger.Kind.WORKFLOW_FINISHED and trigger.workflow_id == source_id:
        raise Unprocessable("A workflow cannot start itself when it ends", code="loop", remedy="Choose another one")


def file_arrived(*, connector_id: UUID, name: str, size: int) -> None:
    """Write down that a file came, for the triggers that wait for one of that name."""
    waiting = _waiting(Q(kind=Trigger.Kind.FILE_ARRIVED, connector_id=connector_id))
    fitting = [trigger for trigger in waiting if fnmatchcase(name, trigger.pattern)]
    if fitting:
        parameters = {"file": name, "file_size": size, "connector_id": str(connector_id)}
        _write(fitting, event=f"file:{new_id()}", parameters=parameters, depth=1)


def workflow_finished(*, execution_id: UUID, workflow_id: UUID, status: str) -> None:
    """Write down that a run ended, for the triggers that wait for that."""
    if not _is_source(workflow_id):
        return
    outcomes = [Trigger.Outcome.ANY.value, *(each for each in ("success", "failed") if each == status)]
    waiting = _waiting(Q(kind=Trigger.Kind.WORKFLOW_FINISHED, source_id=workflow_id, outcome__in=outcomes))
    if waiting:
        parameters = {
            "source_workflow_id": str(workflow_id),
            "source_execution_id": str(execution_id),
            "source_status": status,
        }
        depth = depth_of(execution_id) + 1
        # One that was resumed may end again, otherwise: that is another event.
        _write(waiting, event=f"execution:{execution_id}:{status}", parameters=parameters, depth=depth)


def depth_of(execution_id: UUID) -> int:
    """How many events led to this execution: by itself, as a step of a job's run, or below one that they led to."""
    top = execution_id
    while (parent := WorkflowExecution.objects.filter(pk=top).values_list("parent_id", flat=True).first()) is not None:
        top = parent
    own = TriggerFire.objects.filter(execution_id=top).values_list("depth", flat=True).first()
    if own is not None:
        return own
    run = JobRun.objects.select_related("parent").filter(executions=top).first()
    if run is None:
        return 0
    run = run.parent or run
    return run.depth if run.parent_execution_id is None else max(run.depth, depth_of(run.parent_execution_id))


def _is_source(workflow_id: UUID) -> bool:
    """Whether any trigger waits for the workflow: asked at every end of a run, and few have one."""
    with connection.cursor() as cursor:
        cursor.execute(_IS_SOURCE, [workflow_id])
        return bool(cursor.fetchone()[0])


def _waiting(what: Q) -> list[Trigger]:
    return list(Trigger.objects.filter(what, enabled=True, deleted_at=None))


def _write(triggers: list[Trigger], *, event: str, parameters: Mapping[str, Any], depth: int) -> None:
    TriggerFire.objects.bulk_create(
        [TriggerFire(trigger=each, event=event, depth=depth, parameters=dict(parameters)) for each in triggers],
        ignore_conflicts=True,
    )


@transaction.atomic
def start_trigger_fire(*, fire_id: UUID) -> bool:
    """Start what a trigger starts, once; answers whether it did."""
    fire = (
        TriggerFire.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("trigger__run_as")
        .filter(pk=fire_id, status=TriggerFire.Status.PENDING)
        .first()
    )
    if fire is None:
        return False
    trigger = fire.trigger
    kind, target_id = trigger.target
    try:
        if not trigger.enabled:
            raise Conflict("The trigger was switched off before it could start anything", code="disabled")
        if fire.depth > DEEPEST:
            raise Conflict(
                f"{DEEPEST} triggers have led from one run to the next: this looks like a ring",
                code="loop",
                remedy="Let one of them start something that no trigger waits for",
            )
        with transaction.atomic():
            started = start_target(
                kind=kind,
                target_id=target_id,
                run_as=trigger.run_as,
                parameters={**trigger.parameters, **fire.parameters},
                environment=trigger.environment,
                trigger="trigger",
                depth=fire.depth,
            )
    except DatabaseError:
        raise  # nothing was decided: the next look tries again
    except Exception as error:
        if not isinstance(error, UzoError):
            logger.exception("fire %s of trigger %s cannot be started", fire.pk, trigger.pk)
        fire.status, fire.error = TriggerFire.Status.FAILED, Failure.of(error).as_json()
    else:
        fire.status = TriggerFire.Status.STARTED
        fire.job_run, fire.execution = started.job_run, started.execution
    fire.save(update_fields=["status", "error", "job_run", "execution"])
    return fire.status == TriggerFire.Status.STARTED

"""Copying a template: its workflows, with the connectors that somebody chose for its slots."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction

from apps.accounts import access
from apps.accounts.access import Level
from apps.accounts.models import User
from apps.kernel.errors import FieldError, Invalid
from apps.workflows.analysis import analyse_for
from apps.workflows.core.template import Template, bound
from apps.workflows.services.saving import Saved, create_workflow
from apps.workspaces.models import Folder, Job
from apps.workspaces.services.jobs import create_job
from apps.workspaces.services.placing import require_writable


def copy_template(
    *, template: Template, into: Job | Folder, by: User, connectors: Mapping[str, UUID], name: str | None = None
) -> Saved:
    """The template's workflow in a job, or in a new job of a folder, with its companions beside it; all of it or
    nothing. A slot without a connector makes a draft that says so.

    Raises Forbidden without write on the job or folder, Invalid for a slot that the template does not have and a
    connector that `by` may not use or that is of another type, LimitReached.
    """
    require_writable(by, into)
    chosen = _usable(template, by, connectors)
    unmade = {each.key: each.key for each in template.companions}
    for diagram in template.diagrams:
        # Sources are asked for columns before the transaction: others must not wait for them.
        analyse_for(by, bound(diagram, connectors=chosen, workflows=unmade), template.parameters)
    with transaction.atomic():
        job = into if isinstance(into, Job) else create_job(folder=into, by=by, name=template.name)
        made: dict[str, str] = {}
        for each in template.companions:
            diagram = bound(each.diagram, connectors=chosen, workflows=made)
            companion = create_workflow(
                job=job,
                by=by,
                name=each.name,
                description=each.description,
                diagram=diagram,
                parameters=each.parameters,
            )
            made[each.key] = str(companion.workflow.pk)
        return create_workflow(
            job=job,
            by=by,
            name=name or template.name,
            description=template.description,
            diagram=bound(template.diagram, connectors=chosen, workflows=made),
            parameters=template.parameters,
        )


def _usable(template: Template, by: User, connectors: Mapping[str, UUID]) -> dict[str, str]:
    """Ids as texts by slot. Raises Invalid that names every wrong slot."""
    slots = {slot.name: slot for slot in template.slots}
    usable = access.visible(by, "connector", Level.EXECUTE).filter(pk__in=set(connectors.values()))
    types = dict(usable.values_list("pk", "connector_type"))
    errors = []
    for name, id in connectors.items():
        field = f"connectors.{name}"
        if name not in slots:
            errors.append(FieldError(field, "invalid", f"the template has no such slot; it has {', '.join(slots)}"))
        elif id not in types:
            errors.append(FieldError(field, "not_found", f"There is no connector {id} that you may use"))
        elif types[id] != slots[name].connector_type:
            wanted = slots[name].connector_type
            errors.append(FieldError(field, "invalid", f"this must be a connector of the type {wanted}"))
    if errors:
        raise Invalid(errors=errors)
    return {name: str(id) for name, id in connectors.items()}

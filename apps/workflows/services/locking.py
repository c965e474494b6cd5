"""Holding the row of a workflow, so that changes of it go one after the other."""

from __future__ import annotations

from apps.kernel.errors import NotFound
from apps.workflows.models import Workflow


def locked(workflow: Workflow) -> Workflow:
    """The workflow as it stands, held until the transaction ends. Raises NotFound where it has been deleted."""
    objects = Workflow.objects.living().select_for_update(of=("self",), no_key=True).select_related("job__folder")
    found = objects.filter(pk=workflow.pk).first()
    if found is None:
        raise NotFound(f"There is no workflow {workflow.pk}")
    return found

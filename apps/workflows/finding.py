"""Whatever lies in workspaces, found by its name, and where it lies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Case, IntegerField, Q, Value, When

from apps.accounts import access
from apps.accounts.access import Level
from apps.accounts.models import User
from apps.kernel.errors import NotFound
from apps.workflows.tree import KINDS, Rows, rows, united


class Step(NamedTuple):
    type: str
    id: UUID
    name: str


def found(
    viewer: User,
    text: str,
    *,
    kinds: Sequence[str] = KINDS,
    level: Level = Level.READ,
    within: UUID | None = None,
) -> Rows:
    """What holds every word of the text in its name; names that begin with the text come first.

    `level` is what the viewer must hold on it, `within` a workspace or folder that it must lie in at any depth.
    """
    named = Q()
    for word in text.split():
        named &= Q(name__icontains=word)
    begins = Case(When(name__istartswith=text, then=Value(0)), default=Value(1), output_field=IntegerField())
    answers = []
    for name in kinds:
        matching = access.visible(viewer, name, level).filter(named)
        if within is not None:
            inside = access.kind_named(name).containers
            containers = [inside[above]([within]) for above in ("workspace", "folder") if above in inside]
            matching = matching.filter(_any(containers)) if containers else matching.none()
        answers.append(rows(viewer, name, matching).annotate(begins=begins))
    return united(*answers).order_by("begins", "name", "id")


def one(viewer: User, id: UUID) -> dict[str, Any]:
    """Whatever has this id, as a row of the tree. Raises NotFound."""
    here = united(*(rows(viewer, kind, access.visible(viewer, kind).filter(pk=id)) for kind in KINDS)).first()
    if here is None:
        raise NotFound(f"There is nothing {id} in the workspaces")
    return here


def paths(viewer: User, listed: Iterable[dict[str, Any]]) -> dict[UUID, list[Step]]:
    """For each row what it lies in, outermost first, as far as the viewer may read it; a fixed number of queries."""
    listed = list(listed)
    jobs = {
        job["id"]: job
        for job in access.visible(viewer, "job")
        .filter(pk__in=[row["inside"] for row in listed if row["type"] == "workflow"])
        .values("id", "name", "folder_id")
    }
    holders = {row["inside"] for row in listed} | {job["folder_id"] for job in jobs.values()}
    visible = access.visible(viewer, "folder")
    folders = {
        folder["id"]: folder
        for folder in visible.filter(pk__in=holders - {None}).values("id", "name", "path", "workspace_id")
    }
    above = {id for folder in folders.values() for id in folder["path"]}
    names = dict(visible.filter(pk__in=above).values_list("id", "name"))
    spaces = holders | {folder["workspace_id"] for folder in folders.values()}
    workspaces = dict(access.visible(viewer, "workspace").filter(pk__in=spaces - {None}).values_list("id", "name"))

    def path(row: dict[str, Any]) -> list[Step]:
        steps: list[Step] = []
        holder = row["inside"]
        if holder in jobs:
            steps.append(Step("job", holder, jobs[holder]["name"]))
            holder = jobs[holder]["folder_id"]
        if holder in folders:
            steps += [Step("folder", id, names[id]) for id in reversed(folders[holder]["path"]) if id in names]
            holder = folders[holder]["workspace_id"]
        if holder in workspaces:
            steps.append(Step("workspace", holder, workspaces[holder]))
        return steps[::-1]

    return {row["id"]: path(row) for row in listed}


def _any(conditions: Iterable[Q]) -> Q:
    either = Q()
    for condition in conditions:
        either |= condition
    return either

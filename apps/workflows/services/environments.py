"""Making and changing environments."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from apps.accounts import access
from apps.accounts.access import Level
from apps.accounts.models import User
from apps.kernel.errors import Conflict, FieldError, Invalid
from apps.kernel.events import publish
from apps.workflows.analysis import as_uuid
from apps.workflows.events import EnvironmentChanged, EnvironmentCreated, EnvironmentDeleted
from apps.workflows.models import Environment
from apps.workspaces.models import Workspace

_MAX_BYTES = 64 * 1024
_MAX_ENTRIES = 500


@transaction.atomic
def create_environment(*, workspace: Workspace, by: User, name: str, **values: Any) -> Environment:
    """Raises Invalid for values that do not fit, Conflict `name_taken`."""
    environment = Environment(workspace=workspace, name=name, updated_by=by)
    _change(environment, by, values)
    _require_free_name(environment)
    environment.save(force_insert=True)
    publish(EnvironmentCreated(**_about(environment, by)))
    return environment


@transaction.atomic
def change_environment(*, environment: Environment, by: User, changes: Mapping[str, Any]) -> Environment:
    """Raises as `create_environment` does. `parameters` and `connectors` are replaced as a whole."""
    environment.name = changes.get("name", environment.name)
    environment.updated_by = by
    _change(environment, by, changes)
    _require_free_name(environment)
    environment.save()
    publish(EnvironmentChanged(**_about(environment, by)))
    return environment


@transaction.atomic
def delete_environment(*, environment: Environment, by: User) -> None:
    """Executions that ran under it keep what they ran with."""
    publish(EnvironmentDeleted(**_about(environment, by)))
    environment.delete()


def _about(environment: Environment, by: User) -> dict[str, Any]:
    return {
        "environment_id": environment.pk,
        "workspace_id": environment.workspace_id,
        "name": environment.name,
        "by": by.pk,
    }


def _change(environment: Environment, by: User, values: Mapping[str, Any]) -> None:
    environment.description = values.get("description", environment.description)
    if "parameters" in values:
        _require_small("parameters", values["parameters"])
        environment.parameters = dict(values["parameters"])
    if "connectors" in values:
        _require_small("connectors", values["connectors"])
        _require_usable(by, values["connectors"])
        environment.connectors = dict(values["connectors"])


def _require_small(field: str, value: Mapping[str, Any]) -> None:
    if len(value) > _MAX_ENTRIES or len(json.dumps(value, default=str)) > _MAX_BYTES:
        raise Invalid(errors=[FieldError(field, "too_large", f"at most {_MAX_ENTRIES} entries and 64 KB")])


def _require_usable(by: User, connectors: Mapping[str, Any]) -> None:
    """The ids must be ids, and those that stand in must be connectors that this person may use."""
    errors = [
        FieldError(f"connectors.{key}", "invalid", "maps the id of a connector to the id of another")
        for key, value in connectors.items()
        if as_uuid(key) is None or as_uuid(value) is None
    ]
    wanted = {id for value in connectors.values() if (id := as_uuid(value)) is not None}
    usable: set[UUID] = set()
    if wanted:
        usable = set(access.visible(by, "connector", Level.EXECUTE).filter(pk__in=wanted).values_list("pk", flat=True))
    errors += [
        FieldError(f"connectors.{key}", "not_found", "there is no such connector, or you may not use it")
        for key, value in connectors.items()
        if (id := as_uuid(value)) is not None and id not in usable
    ]
    if errors:
        raise Invalid(errors=errors[:20])


def _require_free_name(environment: Environment) -> None:
    others = Environment.objects.filter(workspace_id=environment.workspace_id, name=environment.name)
    if others.exclude(pk=environment.pk).exists():
        raise Conflict(f"The workspace has an environment {environment.name!r} already", code="name_taken")

"""Analysing a diagram for a person: with what they may know of connectors, once a request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from apps.accounts import access
from apps.accounts.access import Level
from apps.accounts.models import User
from apps.connectors.catalog_cache import ConnectorCatalog
from apps.nodes.columns import Schema
from apps.workflows.core.analysis import Analysis, analyse
from apps.workflows.models import WorkflowVersion
from apps.workflows.sub_workflows import SavedWorkflows


def analyse_for(
    person: User | None,
    diagram: Any,
    parameters: Mapping[str, Any] | None,
    *,
    arriving: Mapping[str, Schema] | None = None,
) -> Analysis:
    """Everything about the diagram that can be known without running it, by that person's right to
    connectors and workflows: who saves or validates it, or who did. `arriving`: columns that come from outside.

    May ask sources for columns that are not cached, for some seconds at most: call it outside a transaction.
    Raises Invalid for what is no diagram, TooComplex for one too large.
    """
    mentioned = connector_ids(diagram)
    return analyse(
        diagram,
        parameters=parameters,
        catalog=ConnectorCatalog(person) if mentioned else None,
        connectors=_usable(person, mentioned),
        workflows=SavedWorkflows(person, analyse_version),
        arriving=arriving,
    )


def analyse_version(version: WorkflowVersion, *, arriving: Mapping[str, Schema] | None = None) -> Analysis:
    """What is known of a saved version by the right of its author, as when it runs."""
    return analyse_for(version.author, version.diagram, version.parameters, arriving=arriving)


def connector_ids(diagram: Any) -> frozenset[UUID]:
    """The connectors that a diagram names, of whatever shape it is; what is no UUID is no connector's id."""
    nodes = diagram.get("nodes") if isinstance(diagram, Mapping) else None
    found: set[UUID] = set()
    for node in nodes if isinstance(nodes, list) else ():
        data = node.get("data") if isinstance(node, Mapping) else None
        if isinstance(data, Mapping):
            config = data.get("config")
            inside = config.get("connectorId") if isinstance(config, Mapping) else None
            found.update(id for each in (data.get("connectorId"), inside) if (id := as_uuid(each)) is not None)
    return frozenset(found)


def as_uuid(value: Any) -> UUID | None:
    """The UUID in its canonical spelling, or None: another spelling would not be found again."""
    if not isinstance(value, str) or len(value) != 36:
        return None
    try:
        read = UUID(value)
    except ValueError:
        return None
    return read if str(read) == value else None


def _usable(person: User | None, mentioned: frozenset[UUID]) -> frozenset[str]:
    if person is None or not mentioned:
        return frozenset()
    usable = access.visible(person, "connector", Level.EXECUTE).filter(pk__in=mentioned)
    return frozenset(str(pk) for pk in usable.values_list("pk", flat=True))

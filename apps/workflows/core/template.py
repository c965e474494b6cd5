"""Templates: whole workflows to begin with, in which connectors are slots until somebody fills them.

In a template's diagrams `connectorId` names a slot, and `workflowId` of a sub-workflow names a companion: a
workflow that comes along. `bound` puts real ids in their places.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Slot:
    """A connector that the copy needs. `suggested` is the name of the one to propose where there is such a one."""

    name: str
    connector_type: str
    label: str
    description: str
    suggested: str


@dataclass(frozen=True, slots=True)
class Companion:
    """A workflow that the template's own runs as a sub-workflow; `key` stands for its id."""

    key: str
    name: str
    description: str
    diagram: Mapping[str, Any]
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Template:
    """A workflow to copy. `categories` are words that people filter by."""

    id: str
    name: str
    description: str
    categories: tuple[str, ...]
    slots: tuple[Slot, ...]
    diagram: Mapping[str, Any]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    companions: tuple[Companion, ...] = ()

    @property
    def diagrams(self) -> tuple[Mapping[str, Any], ...]:
        """Of the companions, then its own."""
        return (*(each.diagram for each in self.companions), self.diagram)


def read(id: str, body: Mapping[str, Any]) -> Template:
    """A template from its JSON. Raises KeyError or TypeError for what is none, ValueError where a diagram names a
    slot or a companion that the template does not have, or a slot is named by no node."""
    template = Template(
        id=id,
        name=body["name"],
        description=body["description"],
        categories=tuple(body["categories"]),
        slots=tuple(Slot(**each) for each in body["slots"]),
        diagram=body["diagram"],
        parameters=body.get("parameters", {}),
        companions=tuple(Companion(**each) for each in body.get("companions", ())),
    )
    _require_same("slots", {each.name for each in template.slots}, _named(template.diagrams, "connectorId"), id)
    _require_same("companions", {each.key for each in template.companions}, _named(template.diagrams, "workflowId"), id)
    return template


def bound(diagram: Mapping[str, Any], *, connectors: Mapping[str, str], workflows: Mapping[str, str]) -> dict[str, Any]:
    """The diagram with the ids of connectors by slot and of workflows by companion; a slot that is left empty leaves
    its nodes without a connector."""
    made: dict[str, Any] = copy.deepcopy(dict(diagram))
    for data in _data_of(made):
        if "connectorId" in data and (slot := data.pop("connectorId")) in connectors:
            data["connectorId"] = connectors[slot]
        config = data["config"]
        if "workflowId" in config:
            config["workflowId"] = workflows[config["workflowId"]]
    return made


def _data_of(diagram: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [node["data"] for node in diagram["nodes"]]


def _named(diagrams: Sequence[Mapping[str, Any]], key: str) -> set[str]:
    found = set()
    for diagram in diagrams:
        for data in _data_of(diagram):
            found |= {part[key] for part in (data, data["config"]) if key in part}
    return found


def _require_same(what: str, declared: set[str], named: set[str], id: str) -> None:
    if declared != named:
        raise ValueError(f"The template {id} declares the {what} {sorted(declared)}, its nodes name {sorted(named)}")

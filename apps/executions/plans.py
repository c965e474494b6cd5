"""Plans in memory: a version that depends on nothing outside itself comes to the same plan each time.

One that uses a connector, runs another workflow or names people is compiled anew for each execution: columns,
rights and names may have changed.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Mapping
from contextvars import ContextVar
from threading import Lock
from typing import Any, Protocol

from apps.kernel.connections import connection
from apps.workflows.core.plan import Plan
from apps.workflows.models import WorkflowVersion

_MOST, _MOST_NODES, _MOST_TEXT = 256, 200, 4_096
_asked: ContextVar[list[str] | None] = ContextVar("asked_outside", default=None)
_lock = Lock()
_known: OrderedDict[tuple[Any, ...], dict[str, Any]] = OrderedDict()


class Compile(Protocol):
    def __call__(
        self, version: WorkflowVersion, parameters: Mapping[str, Any], *, stand_ins: Mapping[str, str] | None
    ) -> Plan: ...


def plan_of(
    version: WorkflowVersion, values: Mapping[str, Any], stand_ins: Mapping[str, str], *, compile_anew: Compile
) -> dict[str, Any]:
    """The plan of a version with these values as JSON, to be read only. Raises what `compile_anew` raises."""
    text = json.dumps([values, stand_ins], sort_keys=True, default=str)
    key = (connection.schema_name, version.pk, version.number, text)
    with _lock:
        found = _known.get(key)
        if found is not None:
            _known.move_to_end(key)
            return found
    asked: list[str] = []
    token = _asked.set(asked)
    try:
        plan = compile_anew(version, values, stand_ins=stand_ins)
    finally:
        _asked.reset(token)
    compiled = plan.as_json()
    outside = asked or any(node.connector_id for node in plan.nodes.values())
    if not outside and len(plan.nodes) <= _MOST_NODES and len(text) <= _MOST_TEXT:
        with _lock:
            _known[key] = compiled
            while len(_known) > _MOST:
                _known.popitem(last=False)
    return compiled


def noticing(workflows: Any) -> Any:
    """The same, with a note of it while a plan is made whose questions matter."""
    asked = _asked.get()
    return workflows if asked is None else _Noticing(workflows, asked)


class _Noticing:
    def __init__(self, workflows: Any, asked: list[str]) -> None:
        self._workflows, self._asked = workflows, asked

    def __getattr__(self, name: str) -> Any:
        self._asked.append(name)
        return getattr(self._workflows, name)

"""Talk upwards: a service publishes what happened; rooms above react.

`uzo/wiring.py` fills two tables. Handlers `within` run at once, inside the publisher's transaction:
if one fails, nothing has happened. Handlers `after` run once the transaction is committed; one that
fails is logged and does not stop the others, since what happened has happened.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Base of all events; subclasses are frozen dataclasses named in the past tense (`WorkflowSaved`)."""


Handler = Callable[[Any], None]
Table = Mapping[type[Event], Sequence[str]]

_within: dict[type[Event], list[Handler]] = {}
_after: dict[type[Event], list[Handler]] = {}


def _resolve(path: str) -> Handler:
    module, _, name = path.rpartition(".")
    handler: Handler = getattr(import_module(module), name)
    return handler


def wire(*, within: Table, after: Table) -> None:
    """Replace both tables; handlers are dotted paths to functions of one argument, the event."""
    for target, source in ((_within, within), (_after, after)):
        target.clear()
        target.update({event: [_resolve(path) for path in paths] for event, paths in source.items()})


def publish(event: Event) -> None:
    """Tell the rooms above; call it inside the transaction that made the event true."""
    from django.db import transaction

    for handler in _within.get(type(event), ()):
        handler(event)
    for handler in _after.get(type(event), ()):
        transaction.on_commit(partial(handler, event), robust=True)

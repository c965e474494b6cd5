"""`{{ name }}` in the fields of a config: a value put in place of its name, never code.

A field that is one reference and nothing else becomes the typed value; inside longer text the value
is written out. Fields that hold a language of their own (expressions, code, queries) are left as
they are: there the language binds the name to a value itself, so that no text is ever pasted into it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from apps.nodes.config import NodeConfig
from apps.workflows.core.parameters import as_json

_REFERENCE = re.compile(r"\{\{\s*([^{}\s](?:[^{}]{0,198}[^{}\s])?)\s*\}\}")
_LANGUAGES = frozenset({"expression", "code", "sql", "query"})


@dataclass(frozen=True, slots=True)
class Reference:
    """A name used in a config. `path` leads to the field from `data`; `whole`: the field is nothing but
    the reference; `verbatim`: the field's own language binds it."""

    path: tuple[str | int, ...]
    name: str
    whole: bool
    verbatim: bool

    @property
    def field(self) -> str:
        return ".".join(("config", *map(str, self.path)))


def references(config: Mapping[str, Any], model: type[NodeConfig] | None) -> list[Reference]:
    """Every `{{ name }}` of a config, in the order written."""
    found: list[Reference] = []
    for path, text, verbatim in _texts(config, _shape(model) if model is not None else _Shape()):
        for match in _REFERENCE.finditer(text):
            found.append(Reference(path, match.group(1), match.group() == text.strip(), verbatim))
    return found


def fill(config: Mapping[str, Any], model: type[NodeConfig], value: Callable[[str], Any]) -> dict[str, Any]:
    """The config with each reference outside verbatim fields replaced; `value(name)` may raise LookupError
    to leave a reference as it is written."""
    filled: dict[str, Any] = _fill(config, _shape(model), value)
    return filled


def _fill(node: Any, shape: _Shape, value: Callable[[str], Any]) -> Any:
    # Depth is bounded: the diagram came as JSON of at most 64 levels.
    if isinstance(node, Mapping):
        return {key: _fill(item, shape.member(key), value) for key, item in node.items()}
    if isinstance(node, list | tuple):
        return [_fill(item, shape.items(), value) for item in node]
    if not isinstance(node, str) or shape.verbatim or "{{" not in node:
        return node
    whole = _REFERENCE.fullmatch(node.strip())
    if whole:
        try:
            return as_json(value(whole.group(1)))
        except LookupError:
            return node

    def written(match: re.Match[str]) -> str:
        try:
            return as_text(value(match.group(1)))
        except LookupError:
            return match.group()

    return _REFERENCE.sub(written, node)


def as_text(value: Any) -> str:
    """How a value reads inside longer text; null is empty."""
    plain = as_json(value)
    if plain is None:
        return ""
    return plain if isinstance(plain, str) else json.dumps(plain, ensure_ascii=False)


def _texts(node: Any, shape: _Shape, path: tuple[str | int, ...] = ()) -> Iterator[tuple[Any, str, bool]]:
    if isinstance(node, str):
        if "{{" in node:
            yield path, node, shape.verbatim
    elif isinstance(node, Mapping):
        for key, item in node.items():
            yield from _texts(item, shape.member(key), (*path, key))
    elif isinstance(node, list | tuple):
        for index, item in enumerate(node):
            yield from _texts(item, shape.items(), (*path, index))


@dataclass(slots=True)
class _Shape:
    """Where in a config's JSON Schema the verbatim fields are."""

    verbatim: bool = False
    members: dict[str, _Shape] = field(default_factory=dict)
    others: _Shape | None = None
    each: _Shape | None = None

    def member(self, key: str) -> _Shape:
        return self.members.get(key) or self.others or _PLAIN

    def items(self) -> _Shape:
        return self.each or _PLAIN


_PLAIN = _Shape()


@lru_cache(maxsize=512)
def _shape(model: type[NodeConfig]) -> _Shape:
    schema = model.model_json_schema(by_alias=True)
    return _read_shape(schema, schema.get("$defs", {}), depth=0)


def _read_shape(schema: Any, definitions: Mapping[str, Any], *, depth: int) -> _Shape:
    shape = _Shape()
    if not isinstance(schema, Mapping) or depth > 12:  # a config model that contains itself
        return shape
    if "$ref" in schema:
        target = definitions.get(str(schema["$ref"]).rsplit("/", 1)[-1], {})
        shape = _read_shape(target, definitions, depth=depth + 1)
    shape.verbatim = shape.verbatim or schema.get("widget") in _LANGUAGES
    for name, member in schema.get("properties", {}).items():
        shape.members[name] = _read_shape(member, definitions, depth=depth + 1)
    if isinstance(schema.get("additionalProperties"), Mapping):
        shape.others = _read_shape(schema["additionalProperties"], definitions, depth=depth + 1)
    if isinstance(schema.get("items"), Mapping):
        shape.each = _read_shape(schema["items"], definitions, depth=depth + 1)
    for alternative in (*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())):
        _merge(shape, _read_shape(alternative, definitions, depth=depth + 1))
    return shape


def _merge(shape: _Shape, other: _Shape) -> None:
    shape.verbatim = shape.verbatim or other.verbatim
    for name, member in other.members.items():
        if name in shape.members:
            _merge(shape.members[name], member)
        else:
            shape.members[name] = member
    shape.others = shape.others or other.others
    shape.each = shape.each or other.each

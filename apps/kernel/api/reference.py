"""The OpenAPI document as sections that a template can print."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

_METHODS = ("get", "post", "put", "patch", "delete")
_DEPTH = 4


@dataclass(frozen=True, slots=True)
class Row:
    """One parameter or member of a body, `name` being its path."""

    name: str
    type: str
    required: bool
    description: str


@dataclass(frozen=True, slots=True)
class Operation:
    id: str
    method: str
    path: str
    summary: str
    public: bool
    parameters: list[Row] = field(default_factory=list)
    body: list[Row] = field(default_factory=list)
    answers: list[tuple[str, str, list[Row]]] = field(default_factory=list)


def sections(document: Mapping[str, Any]) -> list[tuple[str, list[Operation]]]:
    """Operations by tag, both in alphabetical order of their paths."""
    by_tag: dict[str, list[Operation]] = defaultdict(list)
    for path, operations in sorted(document["paths"].items()):
        for method in _METHODS:
            if method in operations:
                said = operations[method]
                by_tag[(said.get("tags") or ["other"])[0]].append(_operation(document, path, method, said))
    return sorted(by_tag.items())


def _operation(document: Mapping[str, Any], path: str, method: str, said: Mapping[str, Any]) -> Operation:
    return Operation(
        id=said["operationId"],
        method=method.upper(),
        path=path,
        summary=said.get("description") or said.get("summary") or "",
        public=said.get("security") == [],
        parameters=[
            Row(each["name"], _type(each.get("schema", {})), each.get("required", False), each.get("description", ""))
            for each in said.get("parameters", ())
        ],
        body=list(_content(document, said.get("requestBody", {}))),
        answers=[
            (code, answer.get("description", ""), list(_content(document, answer)) if code < "3" else [])
            for code, answer in sorted(said["responses"].items())
        ],
    )


def _content(document: Mapping[str, Any], said: Mapping[str, Any]) -> Iterator[Row]:
    for content in said.get("content", {}).values():
        yield from _members(document, content.get("schema", {}), "", 0)
        return


def _resolve(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    if len(schema.get("allOf", ())) == 1:
        return _resolve(document, schema["allOf"][0])
    return schema


def _members(document: Mapping[str, Any], schema: Mapping[str, Any], path: str, depth: int) -> Iterator[Row]:
    schema = _resolve(document, schema)
    if schema.get("type") == "array":
        yield from _members(document, schema.get("items", {}), f"{path}[]", depth)
        return
    required = schema.get("required", ())
    for name, said in schema.get("properties", {}).items():
        at = f"{path}.{name}" if path else name
        inner = _resolve(document, said)
        yield Row(at, _type(inner), name in required, said.get("description") or inner.get("description", ""))
        if depth < _DEPTH:
            yield from _members(document, inner, at, depth + 1)


def _type(schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        return " | ".join(str(value) for value in schema["enum"] if value is not None)
    names = schema.get("type", "any")
    name = " or ".join(names) if isinstance(names, list) else str(names)
    if name == "array":
        return f"list of {_type(schema.get('items', {}))}"
    return f"{name} ({schema['format']})" if "format" in schema else name

"""A node's config, held against its type's model: typed, or a list of problems with their fields."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from apps.nodes.config import NodeConfig
from apps.nodes.problems import Problem


def read_config(
    model: type[NodeConfig], config: Mapping[str, Any], written: str | None = None
) -> NodeConfig | tuple[Problem, ...]:
    """The typed config, or what is wrong with it; keys that the model does not know are problems.
    `written` is the config as JSON text, if the caller has it already."""
    try:
        return model.model_validate_json(json.dumps(config) if written is None else written)
    except ValidationError as error:
        return _problems(model, config, error.errors(include_url=False, include_context=False))
    except (TypeError, ValueError) as error:  # a value that JSON cannot hold
        return (Problem("invalid_config", str(error), "config"),)


@lru_cache(maxsize=512)
def _keys(model: type[NodeConfig]) -> tuple[str, ...]:
    return tuple(field.alias or name for name, field in model.model_fields.items())


def _problems(
    model: type[NodeConfig], config: Mapping[str, Any], errors: Sequence[ErrorDetails]
) -> tuple[Problem, ...]:
    problems: dict[str, Problem] = {}
    for error in errors:
        path = _path(config, error["loc"], missing=error["type"] == "missing")
        field = ".".join(("config", *map(str, path)))
        if error["type"] == "extra_forbidden":
            code, message = "unknown_config_key", f"{path[-1]!r} is not a key of this operation"
            close = get_close_matches(str(path[-1]), _keys(model), n=1) if len(path) == 1 else []
            if close:
                message += f"; did you mean {close[0]!r}?"
        elif error["type"] == "missing":
            code, message = "invalid_config", f"{path[-1]!r} is required"
        elif error["type"] == "too_short" and not error["input"]:
            code, message = "invalid_config", f"{path[-1]!r} must not be empty"
        else:
            code, message = "invalid_config", error["msg"].removeprefix("Value error, ")
        if field not in problems:
            problems[field] = Problem(code, message, field)
        elif message not in problems[field].message and problems[field].code == code == "invalid_config":
            problems[field] = Problem(code, f"{problems[field].message}; or: {message}", field)
    return tuple(problems.values())


def _path(config: Mapping[str, Any], location: tuple[int | str, ...], *, missing: bool) -> list[int | str]:
    """The part of an error's location that is in the config: pydantic also names the alternatives of unions."""
    path: list[int | str] = []
    place: Any = config
    for index, part in enumerate(location):
        inside = (isinstance(place, Mapping) and part in place) or (
            isinstance(place, list) and isinstance(part, int) and part < len(place)
        )
        if inside:
            place = place[part]
        elif not (missing and index == len(location) - 1):
            continue
        path.append(part)
    return path

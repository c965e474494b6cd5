"""Workflow parameters: declared with a type and a default, bound to typed values for one execution."""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from apps.nodes.columns import BOOLEAN, FLOAT64, INT64, JSON, NULL, STRING, UINT64, DataType
from apps.nodes.problems import Problem

_ALIASES = {
    "integer": "int64",
    "int": "int64",
    "number": "float64",
    "float": "float64",
    "text": "string",
    "str": "string",
    "bool": "boolean",
    "object": "json",
    "timestamp": "datetime",
}
_DURATION = re.compile(
    r"^(?P<sign>-?)P(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d{1,6})?)S)?)?$"
)

_PLAIN_TYPES: Mapping[type, DataType] = {
    bool: BOOLEAN,
    float: FLOAT64,
    str: STRING,
    date: DataType("date"),
    time: DataType("time"),
    timedelta: DataType("duration"),
    bytes: DataType("binary"),
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """A declared parameter; without a default it must be given."""

    type: DataType
    default: Any = None
    has_default: bool = False


@dataclass(frozen=True, slots=True)
class Bound:
    """Values of one execution with their types, by name, and what was wrong with those given."""

    values: Mapping[str, Any]
    types: Mapping[str, DataType]
    problems: tuple[Problem, ...] = ()


def declare(parameters: Mapping[str, Any] | None) -> tuple[dict[str, Parameter], tuple[Problem, ...]]:
    """Read `{name: {type, default}}`; a declaration that is wrong is a problem and is left out."""
    declared: dict[str, Parameter] = {}
    problems: list[Problem] = []
    for name, body in (parameters or {}).items():
        field = f"parameters.{name}"
        if not isinstance(body, Mapping):
            problems.append(Problem("invalid_config", "a parameter is an object {type, default}", field))
            continue
        written = body.get("type", "string")
        try:
            type_ = DataType.parse(_ALIASES.get(written, written) if isinstance(written, str) else repr(written))
        except ValueError as error:
            problems.append(Problem("invalid_config", str(error), f"{field}.type"))
            continue
        try:
            default = convert(body.get("default"), type_)
        except ValueError as error:
            problems.append(Problem("type_mismatch", f"the default {error}", f"{field}.default"))
            continue
        declared[name] = Parameter(type_, default, "default" in body)
    return declared, tuple(problems)


def bind(declared: Mapping[str, Parameter], given: Mapping[str, Any]) -> Bound:
    """The values of one execution: given ones converted to the declared type, defaults for the others.

    A name that was not declared is accepted with the type of its value. One that is neither given nor
    has a default is left out, and `unknown_parameter` where a node uses it.
    """
    values: dict[str, Any] = {name: each.default for name, each in declared.items() if each.has_default}
    types = {name: declared[name].type for name in values}
    problems: list[Problem] = []
    for name, value in given.items():
        type_ = declared[name].type if name in declared else type_of(value)
        try:
            values[name] = convert(value, type_)
        except ValueError as error:
            problems.append(Problem("type_mismatch", str(error), f"parameters.{name}"))
            continue
        types[name] = type_
    return Bound(values, types, tuple(problems))


def type_of(value: Any) -> DataType:
    """The type of a value that came as JSON, or from a node."""
    match value:
        case None:
            return NULL
        case int() if not isinstance(value, bool):
            return UINT64 if 2**63 <= value < 2**64 else INT64
        case Decimal():
            exponent = value.as_tuple().exponent
            return DataType("decimal", precision=38, scale=max(0, -exponent) if isinstance(exponent, int) else 0)
        case datetime():
            return DataType("datetime", zone="UTC" if value.tzinfo else None)
        case list() if value:
            inner = {type_of(item) for item in value} - {NULL}
            return DataType("list", inner=inner.pop()) if len(inner) == 1 else JSON
        case _:
            return _PLAIN_TYPES.get(type(value), JSON)


def convert(value: Any, type_: DataType) -> Any:
    """A JSON value as a Python value of that type; None stays None.

    Raises ValueError whose text says what was expected.
    """
    if value is None:
        return None
    try:
        converted = _convert(value, type_)
    except (ValueError, InvalidOperation, OverflowError, binascii.Error) as error:
        raise ValueError(f"{_shown(value)} is not a {type_}") from error
    if converted is None:
        raise ValueError(f"{_shown(value)} is not a {type_}")
    return converted


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _convert(value: Any, type_: DataType) -> Any:
    match type_.name:
        case "boolean":
            return value if isinstance(value, bool) else None
        case "string":
            return value if isinstance(value, str) else None
        case "json":
            return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
        case "decimal":
            return _decimal(value, type_)
        case "date" | "time" | "datetime":
            return _moment(value, type_)
        case "duration":
            return _duration(value)
        case "binary":
            return value if isinstance(value, bytes) else base64.b64decode(value, validate=True)
        case "list":
            assert type_.inner is not None
            return [convert(item, type_.inner) for item in value] if isinstance(value, list | tuple) else None
        case _ if type_.is_integer:
            return _integer(value, type_)
        case _ if type_.is_float:
            return float(value) if isinstance(value, int | float | Decimal) and not isinstance(value, bool) else None
        case _:
            return None


def _integer(value: Any, type_: DataType) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        return None
    if isinstance(value, float) and not value.is_integer():
        return None
    number = int(value)  # large integers travel as text in JSON
    bits = int(type_.name.removeprefix("u").removeprefix("int"))
    low, high = (0, 2**bits - 1) if type_.name.startswith("u") else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    return number if low <= number <= high else None


def _decimal(value: Any, type_: DataType) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    if isinstance(value, float) and not math.isfinite(value):
        return None
    number = Decimal(str(value))
    exponent = number.as_tuple().exponent
    scale = max(0, -exponent) if isinstance(exponent, int) else None
    if scale is None or scale > (type_.scale or 0):
        return None
    whole = (type_.precision or 38) - (type_.scale or 0)
    return number if abs(number) < Decimal(10) ** whole else None


def _moment(value: Any, type_: DataType) -> date | time | datetime | None:
    if type_.name == "datetime":
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        if not isinstance(moment, datetime):
            return None
        if type_.zone is None:
            return moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)
        return moment.astimezone(ZoneInfo(type_.zone)) if moment.tzinfo is not None else None
    if type_.name == "date":
        if isinstance(value, str):
            return date.fromisoformat(value)
        return value if isinstance(value, date) and not isinstance(value, datetime) else None
    if isinstance(value, str):
        return time.fromisoformat(value)
    return value if isinstance(value, time) else None


def _duration(value: Any) -> timedelta | None:
    if isinstance(value, timedelta):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return timedelta(seconds=value)
    match = _DURATION.match(value) if isinstance(value, str) else None
    if match is None:
        return None
    parts = {name: float(text) for name, text in match.groupdict().items() if text and name != "sign"}
    if not parts:
        return None
    length = timedelta(**parts)
    return -length if match["sign"] else length


def as_json(value: Any) -> Any:
    """A typed value in the form that a config field, which was written as JSON, takes."""
    match value:
        case datetime() | date() | time():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case bytes():
            return base64.b64encode(value).decode("ascii")
        case list() | tuple():
            return [as_json(item) for item in value]
        case _:
            return value

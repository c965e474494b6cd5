"""What a function is: names, parameters with kinds, the type it answers, words for people, examples that run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from apps.nodes.columns import BOOLEAN, INT64, JSON, STRING, DataType
from apps.transforms.expressions.type_rules import common_type

Family = Literal["numbers", "text", "dates", "conditions", "lists", "json"]
Kind = Literal[
    "number", "integer", "text", "boolean", "date", "clock", "temporal", "duration", "list", "json", "any", "same"
]
"""`date` is a date or time stamp, `clock` a time of day or time stamp, `temporal` any of the three, `same`
any type so long as all parameters of that kind meet in one."""
Nulls = Literal["propagate", "absorb", "never", "maybe"]
"""How nulls pass: a null argument gives null; only all null give null; never null; may be null of itself."""
Result = DataType | Callable[[Sequence[DataType]], DataType]

_ACCEPTED: Final[Mapping[str, Callable[[DataType], bool]]] = {
    "number": lambda kind: kind.is_numeric,
    "integer": lambda kind: kind.is_integer,
    "text": lambda kind: kind.is_text,
    "boolean": lambda kind: kind == BOOLEAN,
    "date": lambda kind: kind.name in ("date", "datetime"),
    "clock": lambda kind: kind.name in ("time", "datetime"),
    "temporal": lambda kind: kind.name in ("date", "time", "datetime"),
    "duration": lambda kind: kind.name == "duration",
    "list": lambda kind: kind.name == "list",
    "json": lambda kind: kind in (JSON, STRING),
    "any": lambda _: True,
    "same": lambda _: True,
}
WORDS: Final[Mapping[str, str]] = {
    "number": "a number",
    "integer": "a whole number",
    "text": "text",
    "boolean": "true or false",
    "date": "a date or time stamp",
    "clock": "a time or time stamp",
    "temporal": "a date, time or time stamp",
    "duration": "a duration",
    "list": "a list",
    "json": "JSON text",
    "any": "a value",
    "same": "a value",
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """`constant`: must be written out, not computed from columns. `choices`: the constants allowed."""

    name: str
    kind: Kind
    default: Any = ...
    constant: bool = False
    choices: tuple[str, ...] = ()

    @property
    def required(self) -> bool:
        return self.default is ...

    def accepts(self, kind: DataType) -> bool:
        return kind.name == "null" or _ACCEPTED[self.kind](kind)


@dataclass(frozen=True, slots=True)
class Function:
    """`name` is the SQL name; `aliases` further plain names; `methods` the Polars methods (`str.len_chars`)
    whose receiver is the first argument. `variadic`: the last parameter may be given any number of times.
    `examples` are pairs of an expression and its value; a test runs them all."""

    name: str
    family: Family
    parameters: tuple[Parameter, ...]
    result: Result
    documentation: str
    examples: tuple[tuple[str, Any], ...]
    aliases: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    variadic: bool = False
    nulls: Nulls = "propagate"
    keywords: Mapping[str, str] = field(default_factory=dict)

    @property
    def signature(self) -> str:
        """For people: `round(x, digits = 0)`."""
        parts = [
            each.name if each.required else f"{each.name} = {'null' if each.default is None else each.default}"
            for each in self.parameters
        ]
        return f"{self.name}({', '.join(parts)}{', …' if self.variadic else ''})"

    def type_of(self, arguments: Sequence[DataType]) -> DataType:
        return self.result if isinstance(self.result, DataType) else self.result(arguments)

    def as_json(self) -> dict[str, Any]:
        """The entry of the reference, for the studio's autocompletion and page."""
        return {
            "name": self.name,
            "family": self.family,
            "signature": self.signature,
            "aliases": list(self.aliases),
            "methods": list(self.methods),
            "documentation": self.documentation,
            "examples": [expression for expression, _ in self.examples],
        }


def first(arguments: Sequence[DataType]) -> DataType:
    """The type of the first argument."""
    return arguments[0]


def all_meet(arguments: Sequence[DataType]) -> DataType:
    """The type in which all arguments meet; the checker has made sure that there is one."""
    meeting = arguments[0]
    for each in arguments[1:]:
        meeting = common_type(meeting, each) or meeting
    return meeting


def element(arguments: Sequence[DataType]) -> DataType:
    """The type of the elements of the list that comes first."""
    return arguments[0].inner or STRING


def whole(arguments: Sequence[DataType]) -> DataType:
    """int64 for whole numbers, else the type itself."""
    return INT64 if arguments[0].is_integer else arguments[0]


X: Final = Parameter("x", "number")
TEXT: Final = Parameter("text", "text")
DAY: Final = Parameter("date", "date")

"""Reading the code of a custom node: a chain of methods on `df`, arguments in the expression language."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from apps.transforms.expressions.code import code_in
from apps.transforms.expressions.faults import MAX_CHARACTERS, Fault
from apps.transforms.expressions.parsing import bound_levels
from apps.transforms.expressions.polars_parser import PolarsParser
from apps.transforms.expressions.suggestions import did_you_mean
from apps.transforms.expressions.syntax import Call, Cast, Literal, Name, Syntax

MAX_METHODS = 200


@dataclass(frozen=True, slots=True)
class Method:
    """One method call. `start` and `end` span its name and arguments; the name ends at `name_end`."""

    name: str
    arguments: tuple[Syntax, ...]
    named: tuple[tuple[str, Syntax], ...]
    start: int
    end: int
    name_end: int


@dataclass(frozen=True, slots=True)
class Mapping(Syntax):
    """`{"old": "new"}`: pairs of a text and a value."""

    items: tuple[tuple[str, Syntax], ...]


class ChainParser(PolarsParser):
    def __init__(self, text: str, methods: Collection[str]) -> None:
        super().__init__(text)
        self._allowed = methods

    def chain(self) -> tuple[Method, ...]:
        """The methods in order. Raises Fault."""
        start = self.advance()
        if start.kind != "name" or start.value != "df":
            raise Fault("forbidden", "the code is one chain of methods that begins with df", start.start, start.end)
        methods: list[Method] = []
        while self.token.kind != "end":
            if not self.accept("."):
                found = self.token
                raise Fault("forbidden", "after df come only methods: df.filter(…)", found.start, found.end)
            if len(methods) == MAX_METHODS:
                raise Fault("too_complex", f"a chain has at most {MAX_METHODS} methods", 0, len(self.text))
            methods.append(self._one())
        if not methods:
            raise Fault("syntax", "the chain has no method: df.filter(…)", start.start, start.end)
        return tuple(methods)

    def _one(self) -> Method:
        name = self.token
        if name.kind != "name":
            raise self.unexpected("a method")
        if name.value not in self._allowed:
            hint = did_you_mean(str(name.value), self._allowed)
            raise Fault("forbidden", f"df has no allowed method {str(name.value)[:60]!r}{hint}", name.start, name.end)
        self.advance()
        if not self.token.is_operator("("):
            raise Fault("forbidden", f".{str(name.value)[:60]} is not a method that is called", name.start, name.end)
        self.advance()
        arguments, named = self.arguments(")")
        for each in (*arguments, *(value for _, value in named)):
            bound_levels(each)
        return Method(str(name.value), arguments, named, name.start, self.end, name.end)

    def _primary(self) -> Syntax:
        if self.token.is_operator("{"):
            return self._mapping()
        if self.token.kind == "name" and self._is_type():
            start = self.token.start
            kind = self.type_argument()
            return Cast(start, self.end, Literal(start, start, None, kind), kind, True)
        return super()._primary()

    def _is_type(self) -> bool:
        """`pl.Int64`, `Int64`: the name of a type, where a value could stand."""
        at = self.index + 2 if self.token.value in ("pl", "polars") and self.following.is_operator(".") else self.index
        word = self.tokens[min(at, len(self.tokens) - 1)]
        return word.kind == "name" and str(word.value) in _TYPE_NAMES

    def _mapping(self) -> Syntax:
        opening = self.advance()
        items: list[tuple[str, Syntax]] = []
        while not self.accept("}"):
            if items:
                self.expect(",", "or the end of the mapping")
                if self.accept("}"):
                    break
            key = self.advance()
            if key.kind != "text":
                raise Fault("syntax", "keys are names of columns in quotes", key.start, key.end)
            self.expect(":", "after the name")
            items.append((str(key.value), self.expression()))
        return Mapping(opening.start, self.end, tuple(items))


_TYPE_NAMES = frozenset(
    [
        "Int8",
        "Int16",
        "Int32",
        "Int64",
        "UInt8",
        "UInt16",
        "UInt32",
        "UInt64",
        "Float32",
        "Float64",
        "Decimal",
        "String",
        "Utf8",
        "Boolean",
        "Date",
        "Time",
        "Datetime",
        "Duration",
        "Binary",
        "List",
    ]
)


def parse_chain(code: str, methods: Collection[str]) -> tuple[Method, ...]:
    """The methods of a chain, all of them among `methods`. Raises Fault, and nothing else, for what is none."""
    if len(code) >= MAX_CHARACTERS:
        raise Fault("too_complex", f"code has fewer than {MAX_CHARACTERS:,} characters", 0, len(code))
    try:
        return ChainParser(code, methods).chain()
    except Fault as fault:
        raise (code_in(code) or fault if fault.code == "syntax" else fault) from None


def text_of(node: Syntax) -> str | None:
    """The name that a plain argument gives: `"a"` or `col("a")`."""
    if isinstance(node, Literal) and isinstance(node.value, str):
        return node.value
    return node.name if isinstance(node, Name) else None


def items_of(node: Syntax) -> tuple[Syntax, ...]:
    """The elements of `[a, b]`, or the one value."""
    if isinstance(node, Call) and node.kind == "operator" and node.function == "list":
        return node.arguments
    return (node,)

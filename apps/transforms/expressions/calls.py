"""Functions: which there are, whether what is given fits, what they answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from apps.nodes.columns import BOOLEAN, NULL, STRING, DataType, time_zones
from apps.transforms.expressions import syntax
from apps.transforms.expressions.conversions import convert, meet
from apps.transforms.expressions.functions import METHODS, NAMES, REFUSED, Function
from apps.transforms.expressions.functions.base import WORDS, Parameter
from apps.transforms.expressions.operators import METHOD_OPERATORS, OperatorChecker, as_text
from apps.transforms.expressions.patterns import format_error, json_path_error, regex_error
from apps.transforms.expressions.suggestions import closest, did_you_mean
from apps.transforms.expressions.tree import Apply, Node, ParameterRef, Value
from apps.transforms.expressions.type_rules import common_type


class CallChecker(OperatorChecker):
    """The part of the checker that knows functions; what is none is an operator."""

    def call(self, written: syntax.Call) -> Node:
        if written.kind == "operator":
            return self._operator(written, written.function)
        operator = METHOD_OPERATORS.get(written.function) if written.kind == "method" else None
        if operator is not None:
            return self._method_operator(written, operator)
        function = (METHODS if written.kind == "method" else NAMES).get(written.function)
        if function is None:
            return self._unknown(written)
        return self._function(written, function)

    def _unknown(self, written: syntax.Call) -> Node:
        name = written.function
        sign = "." if written.kind == "method" else ""
        leaf = name.rpartition(".")[2]
        place = (written.name_start, written.name_end)
        if (reason := REFUSED.get(leaf)) is not None or leaf.startswith("_"):
            return self.problem("forbidden", f"{sign}{name[:60]} is not allowed: {reason or REFUSED['eval']}", *place)
        if written.kind == "method":
            known = [*METHODS, *METHOD_OPERATORS, "cast", "alias"]
            spelled = NAMES.get(leaf)
            if spelled is not None and spelled.methods:
                return self.problem(
                    "unknown_function",
                    f"there is no method .{name[:60]}; did you mean '.{spelled.methods[0]}'?",
                    *place,
                )
            suggestion = closest(name, known) or closest(leaf, [each.rpartition(".")[2] for each in known])
            hint = f"; did you mean '.{suggestion}'?" if suggestion else ""
        else:
            hint = did_you_mean(name, NAMES)
        return self.problem("unknown_function", f"there is no function {sign}{name[:60]}{hint}", *place)

    def _function(self, written: syntax.Call, function: Function) -> Node:
        given = self._arguments(written, function)
        if given is None:
            return Value(None, True, written.start, written.end, None)
        if function.name == "if":
            return self._condition(written, [part for _, part in given])
        nodes: list[Node] = []
        for parameter, part in given:
            if part is None:
                default = parameter.default
                nodes.append(Value(_type_of_default(default), default is None, written.end, written.end, default))
                continue
            node = self.node(part)
            if not self._fits(function, parameter, node):
                return Value(None, True, written.start, written.end, None)
            nodes.append(node)
        special = _SPECIAL.get(function.name)
        if special is not None:
            return special(self, written, function, nodes)
        return self._finish(written, function, nodes)

    def _finish(self, written: syntax.Call, function: Function, nodes: list[Node]) -> Node:
        same = [
            index for index in range(len(nodes)) if _parameter(function, index).kind == "same"
        ]  # fmt: skip
        if any(node.type is None for node in nodes):
            result = function.result if isinstance(function.result, DataType) else None
            return Apply(result, True, written.start, written.end, function.name, tuple(nodes))
        if len(same) > 1 and not self._meet_all(nodes, same):
            return Value(None, True, written.start, written.end, None)
        kinds = [node.type for node in nodes if node.type is not None]
        if kinds and kinds[0] == NULL and function.parameters[0].kind not in ("any", "same"):
            nodes[0] = convert(nodes[0], _stand_in(function.parameters[0]))
            kinds[0] = nodes[0].type or STRING
        return Apply(
            function.type_of(kinds), _nullable(function, nodes), written.start, written.end, function.name, tuple(nodes)
        )

    def _meet_all(self, nodes: list[Node], same: Sequence[int]) -> bool:
        for index in same[1:]:
            met = meet(nodes[same[0]], nodes[index])
            if met is None:
                one, other = nodes[same[0]], nodes[index]
                self.problem("type_mismatch", f"{other.type} does not meet {one.type}", other.start, other.end)
                return False
            nodes[same[0]], nodes[index] = met[0], met[1]
        target = nodes[same[0]].type
        assert target is not None
        for index in same:
            nodes[index] = convert(nodes[index], target)
        return True

    def _arguments(
        self, written: syntax.Call, function: Function
    ) -> list[tuple[Parameter, syntax.Syntax | None]] | None:
        """Each parameter with what was given for it; None, and a problem, where that does not fit."""
        parameters = function.parameters
        if len(written.arguments) > len(parameters) and not function.variadic:
            self._mismatch(written, f"{function.signature} takes at most {len(parameters)} arguments")
            return None
        given: list[tuple[Parameter, syntax.Syntax | None]] = [
            (_parameter(function, index), argument) for index, argument in enumerate(written.arguments)
        ]
        named = {function.keywords.get(name, name): value for name, value in written.named}
        for parameter in parameters[len(given) :]:
            value = named.pop(parameter.name, None)
            if value is None and parameter.required:
                self._mismatch(written, f"{function.signature} misses {parameter.name!r}")
                return None
            given.append((parameter, value))
        if named:
            self._mismatch(written, f"{function.signature} takes no argument {next(iter(named))[:60]!r}")
            return None
        return given

    def _fits(self, function: Function, parameter: Parameter, node: Node) -> bool:
        place = (node.start, node.end)
        if node.type is not None and not parameter.accepts(node.type):
            self.problem(
                "type_mismatch",
                f"{function.name} takes {WORDS[parameter.kind]} as {parameter.name!r}, this is {node.type}",
                *place,
            )
            return False
        if not parameter.constant:
            return True
        if not isinstance(node, Value | ParameterRef):
            self.problem("type_mismatch", f"{parameter.name!r} of {function.name} is written out, not computed", *place)
            return False
        if isinstance(node, ParameterRef) or (node.value is None and node.type is None):
            return True
        if node.value is None and parameter.default is not None:
            self.problem("type_mismatch", f"{parameter.name!r} of {function.name} cannot be null", *place)
            return False
        return self._constant_fits(parameter, node)

    def _constant_fits(self, parameter: Parameter, node: Value) -> bool:
        place = (node.start, node.end)
        if parameter.choices and str(node.value).lower().removesuffix("s") not in parameter.choices:
            hint = did_you_mean(str(node.value), parameter.choices)
            self.problem("type_mismatch", f"{parameter.name!r} is one of {', '.join(parameter.choices)}{hint}", *place)
            return False
        error = None
        if parameter.name == "pattern":
            error = regex_error(str(node.value))
        elif parameter.name == "path":
            error = json_path_error(str(node.value))
        elif parameter.name in ("length", "n", "digits", "group") and isinstance(node.value, int):
            error = None if -1000 <= node.value <= 1000 else f"{parameter.name!r} is at most 1,000"
        elif isinstance(node.value, str) and len(node.value) > 1000:
            error = f"{parameter.name!r} has at most 1,000 characters"
        if error is not None:
            self.problem("too_complex" if "at most" in error else "syntax", error, *place)
        return error is None

    # functions whose types say more than their table can ---------------------------------------------------

    def _condition(self, written: syntax.Call, parts: Sequence[syntax.Syntax | None]) -> Node:
        condition, then, otherwise = parts
        assert condition is not None
        assert then is not None
        return self.node(syntax.Case(written.start, written.end, ((condition, then),), otherwise))

    def _remainder(self, written: syntax.Call, function: Function, nodes: list[Node]) -> Node:
        return self._arithmetic(written, "%" if function.name == "mod" else "//", nodes[0], nodes[1])

    def _formatted(self, written: syntax.Call, function: Function, nodes: list[Node]) -> Node:
        layout = nodes[1]
        if isinstance(layout, Value) and (error := format_error(str(layout.value))) is not None:
            return self.problem("syntax", error, layout.start, layout.end)
        return self._finish(written, function, nodes)

    def _texts(self, written: syntax.Call, function: Function, nodes: list[Node]) -> Node:
        for node in nodes:
            if node.type is not None and node.type.name in ("list", "binary"):
                return self.problem(
                    "type_mismatch", f"{node.type} cannot be joined to text; cast it first", node.start, node.end
                )
        return self._finish(written, function, [as_text(node) for node in nodes])

    def _contains_element(self, written: syntax.Call, function: Function, nodes: list[Node]) -> Node:
        subject, item = nodes
        if subject.type is not None and item.type is not None and subject.type.inner is not None:
            target = common_type(subject.type.inner, item.type)
            if target is None:
                return self._no_comparison(written, subject, item)
            nodes = [convert(subject, DataType("list", inner=target)), convert(item, target)]
        return self._finish(written, function, nodes)

    def _zoned(self, written: syntax.Call, function: Function, nodes: list[Node]) -> Node:
        stamp, zone = nodes
        if not isinstance(zone, Value):
            return self.problem("type_mismatch", "the zone is written out", zone.start, zone.end)
        if zone.value not in time_zones():
            hint = did_you_mean(str(zone.value), time_zones())
            return self.problem("type_mismatch", f"unknown time zone {zone.value[:60]!r}{hint}", zone.start, zone.end)
        result = DataType("datetime", zone=zone.value)
        return Apply(result, True, written.start, written.end, function.name, (stamp, zone))

    def _to_date(self, written: syntax.Call, function: Function, nodes: list[Node]) -> Node:
        kind = nodes[0].type
        if kind is not None and not kind.is_text and kind.name not in ("date", "datetime", "null"):
            return self.problem(
                "type_mismatch",
                f"{function.name} takes text or a time stamp, this is {kind}",
                nodes[0].start,
                nodes[0].end,
            )
        return self._formatted(written, function, nodes)

    def _moved(self, written: syntax.Call, function: Function, nodes: list[Node]) -> Node:
        unit = nodes[2]
        if isinstance(unit, Value) and str(unit.value).lower().removesuffix("s") in (
            "microsecond", "millisecond", "second", "minute", "hour",
        ) and nodes[0].type == DataType("date"):  # fmt: skip
            return self.problem(
                "type_mismatch", "a date has no time of day to move; cast it to datetime first", unit.start, unit.end
            )
        return self._finish(written, function, nodes)


_Special = Callable[[CallChecker, syntax.Call, Function, list[Node]], Node]
_SPECIAL: Final[dict[str, _Special]] = {
    "mod": CallChecker._remainder,
    "div": CallChecker._remainder,
    "to_datetime": CallChecker._formatted,
    "strftime": CallChecker._formatted,
    "concat": CallChecker._texts,
    "concat_ws": CallChecker._texts,
    "list_contains": CallChecker._contains_element,
    "at_time_zone": CallChecker._zoned,
    "to_date": CallChecker._to_date,
    "date_add": CallChecker._moved,
}


def _parameter(function: Function, index: int) -> Parameter:
    return function.parameters[min(index, len(function.parameters) - 1)]


def _nullable(function: Function, nodes: Sequence[Node]) -> bool:
    match function.nulls:
        case "never":
            return False
        case "maybe":
            return True
        case "absorb":
            return all(node.nullable for node in nodes)
        case _:
            return any(node.nullable for node in nodes if not isinstance(node, Value) or node.start != node.end)


def _stand_in(parameter: Parameter) -> DataType:
    """A type for a null that is given where a parameter wants a kind."""
    return DataType(
        {
            "number": "float64", "integer": "int64", "boolean": "boolean", "date": "datetime", "clock": "datetime",
            "temporal": "datetime", "duration": "duration",
        }.get(parameter.kind, "string")
    )  # fmt: skip


def _type_of_default(default: object) -> DataType:
    if default is None:
        return NULL
    if isinstance(default, bool):
        return BOOLEAN
    return (
        DataType("int64")
        if isinstance(default, int)
        else DataType("float64" if isinstance(default, float) else "string")
    )

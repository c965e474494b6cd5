"""The Polars spelling: `(col("age") > 18) & (col("country") == "US")`, with Python's precedence."""

from __future__ import annotations

from typing import Final

from apps.nodes.columns import DataType
from apps.transforms.expressions.faults import Fault
from apps.transforms.expressions.parsing import Parser, chain, constant, negative, number, text
from apps.transforms.expressions.sql_parser import parse_type
from apps.transforms.expressions.syntax import Alias, Call, Case, Cast, Literal, Name, Parameter, Syntax
from apps.transforms.expressions.tokens import Spelling, Token

_COMPARE, _OR, _XOR, _AND, _SUM, _PRODUCT, _UNARY, _POWER = range(1, 9)
_BINARY: Final = {
    "|": (_OR, "or"), "^": (_XOR, "xor"), "&": (_AND, "and"), "+": (_SUM, "+"), "-": (_SUM, "-"),
    "*": (_PRODUCT, "*"), "/": (_PRODUCT, "/"), "//": (_PRODUCT, "//"), "%": (_PRODUCT, "%"),
}  # fmt: skip
_COMPARISONS: Final = {"==": "=", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_NAMESPACES: Final = frozenset({"str", "dt", "list", "json"})
_WORDS: Final = {
    "AND": "&", "OR": "|", "NOT": "~", "IS": ".is_null()", "IN": ".is_in([…])", "BETWEEN": ".is_between(…)",
    "LIKE": '.str.contains("…")', "ILIKE": '.str.contains("…")', "CASE": "when(…).then(…).otherwise(…)",
    "IF": "when(…).then(…).otherwise(…)", "ELSE": "when(…).then(…).otherwise(…)",
}  # fmt: skip


class PolarsParser(Parser):
    spelling: Spelling = "polars"

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._grouped: set[int] = set()
        self._kept: list[Syntax] = []  # so that the ids above stay taken

    def parse(self) -> Syntax:
        """The whole text as one expression."""
        tree = self.expression()
        if self.token.kind != "end":
            raise self.foreign() or self.unexpected("an operator or the end")
        return tree

    def expression(self, power: int = 0) -> Syntax:
        with self.level():
            first = self.index
            left = self._prefix()
            while True:
                token = self.token
                sign = str(token.value) if token.kind == "operator" else ""
                if sign == "**" and power <= _POWER:
                    self.advance()
                    right = self.expression(_UNARY - 1)
                    left = Call(left.start, right.end, "**", (left, right), (), token.start, token.end)
                elif sign in _BINARY and _BINARY[sign][0] > power:
                    self.advance()
                    rank, function = _BINARY[sign]
                    right = self.expression(rank)
                    left = chain(function, left, right, token, id(left) in self._grouped)
                elif sign in _COMPARISONS and power < _COMPARE:
                    left = self._comparison(left, first)
                else:
                    return left

    def _comparison(self, left: Syntax, first: int) -> Syntax:
        sign = self.advance()
        right = self.expression(_COMPARE)
        chained = self.token.kind == "operator" and self.token.value in _COMPARISONS
        if chained or self._loose(left) or self._loose(right):
            while self.token.kind == "operator" and self.token.value in _COMPARISONS:
                self.advance()
                right = self.expression(_COMPARE)
            raise self._precedence(first, left.start, self.tokens[self.index - 1].end)
        function = _COMPARISONS[str(sign.value)]
        return Call(left.start, right.end, function, (left, right), (), sign.start, sign.end)

    def _loose(self, node: Syntax) -> bool:
        return isinstance(node, Call) and node.function in ("and", "or", "xor") and id(node) not in self._grouped

    def _precedence(self, first: int, start: int, end: int) -> Fault:
        """The trap of `a > 1 & b == 2`, in which & binds tighter: says where the parentheses go."""
        pieces: list[tuple[int, int]] = []
        joints: list[str] = []
        depth, piece_start = 0, self.tokens[first].start
        previous_end = piece_start
        for token in self.tokens[first : self.index]:
            depth += token.is_operator("(", "[") - token.is_operator(")", "]")
            if depth == 0 and token.is_operator("&", "|"):
                pieces.append((piece_start, previous_end))
                joints.append(str(token.value))
                piece_start = -1
            elif piece_start < 0:
                piece_start = token.start
            previous_end = token.end
        pieces.append((piece_start, previous_end))
        if not joints:
            return Fault(
                "precedence", "comparisons do not chain: write (a < b) & (b < c)", start, end
            )  # fmt: skip
        texts = [self._with_parentheses(self.text[begin:stop]) for begin, stop in pieces]
        suggestion = texts[0] + "".join(f" {sign} {piece}" for sign, piece in zip(joints, texts[1:], strict=True))
        return Fault(
            "precedence",
            f"& and | bind tighter than comparisons, so put each comparison in parentheses: {suggestion[:400]}",
            start,
            end,
        )

    @staticmethod
    def _with_parentheses(piece: str) -> str:
        compares = any(sign in piece for sign in ("==", "!=", "<", ">"))
        return f"({piece})" if compares and not (piece.startswith("(") and piece.endswith(")")) else piece

    def _prefix(self) -> Syntax:
        token = self.token
        if token.is_operator("-", "+"):
            self.advance()
            operand = self.expression(_UNARY)
            return negative(token, operand) if token.value == "-" else operand
        if token.is_operator("~"):
            self.advance()
            operand = self.expression(_UNARY)
            return Call(token.start, operand.end, "not", (operand,), (), token.start, token.end)
        return self._methods(self._primary())

    def _primary(self) -> Syntax:
        token = self.token
        match token.kind:
            case "number":
                self.advance()
                return number(token.value, token.start, token.end)  # type: ignore[arg-type]
            case "text":
                self.advance()
                return text(str(token.value), token.start, token.end)
            case "parameter":
                self.advance()
                return Parameter(token.start, token.end, str(token.value))
            case "name":
                return self._word()
        if token.is_operator("("):
            self.advance()
            inner = self.expression()
            self.expect(")", "to close the parenthesis")
            self._grouped.add(id(inner))
            self._kept.append(inner)
            return inner
        if token.is_operator("["):
            self.advance()
            items, _ = self.arguments("]")
            return Call(token.start, self.end, "list", items, (), token.start, token.end)
        raise self.unexpected("a value")

    def _word(self) -> Syntax:
        if self.token.value in ("pl", "polars") and self.following.is_operator("."):
            self.advance()
            self.advance()
        token = self.advance()
        if token.kind != "name":
            self.index -= 1
            raise self.unexpected("a function")
        name = str(token.value)
        if not self.token.is_operator("("):
            literal = constant(name.upper(), token.start, token.end) if name != "NULL" else None
            if literal is not None and name in ("True", "False", "None", "true", "false", "null"):
                return literal
            self.index -= 1
            raise self.foreign() or Fault(
                "syntax", f'in the Polars spelling a column is written col("{name[:60]}")', token.start, token.end
            )
        self.advance()
        match name:
            case "col":
                return self._col(token)
            case "lit":
                return self._lit()
            case "when":
                return self._when(token)
        arguments, named = self.arguments(")")
        return Call(token.start, self.end, name, arguments, named, token.start, token.end, "function")

    def _col(self, sign: Token) -> Syntax:
        name = self.token
        if name.kind != "text" or not self.following.is_operator(")"):
            raise Fault("syntax", 'col(…) takes the name of one column: col("age")', sign.start, name.end)
        self.advance()
        self.advance()
        return Name(sign.start, self.end, str(name.value))

    def _lit(self) -> Syntax:
        value = self.expression()
        if self.accept(","):
            self.accept_word("dtype")
            self.accept("=")
            target = self.type_argument()
            value = Cast(value.start, self.end, value, target, True)
        self.expect(")", "to close lit")
        return value

    def _when(self, sign: Token) -> Syntax:
        branches: list[tuple[Syntax, Syntax]] = []
        otherwise: Syntax | None = None
        while True:
            arguments, named = self.arguments(")")
            if not arguments or named:
                raise Fault("syntax", "when(…) takes a condition", sign.start, self.end)
            condition = arguments[0]
            for more in arguments[1:]:
                condition = Call(condition.start, more.end, "and", (condition, more), (), sign.start, sign.end)
            branches.append((condition, self._one_argument("then")))
            if self._at_method("when"):
                self.index += 3
                continue
            if self._at_method("otherwise"):
                otherwise = self._one_argument("otherwise")
            return Case(sign.start, self.end, tuple(branches), otherwise)

    def _at_method(self, name: str) -> bool:
        if not self.token.is_operator(".") or self.index + 2 >= len(self.tokens):
            return False
        return self.following.value == name and self.tokens[self.index + 2].is_operator("(")

    def _one_argument(self, name: str) -> Syntax:
        if not self._at_method(name):
            raise self.unexpected(f".{name}(…)")
        self.index += 3
        value = self.expression()
        self.expect(")", f"to close .{name}")
        return value

    def _methods(self, receiver: Syntax) -> Syntax:
        while True:
            if self.token.is_operator("["):
                raise Fault("forbidden", "values are not indexed; use .list.get(0)", self.token.start, self.token.end)
            if self.token.is_operator("("):
                raise Fault("forbidden", "a value cannot be called", self.token.start, self.token.end)
            if not self.accept("."):
                return receiver
            receiver = self._method(receiver, *self.method_name())

    def method_name(self) -> tuple[str, int, int]:
        """A method with its name space, `str.to_uppercase`, up to and with the opening parenthesis."""
        first = self.advance()
        if first.kind != "name":
            self.index -= 1
            raise self.unexpected("a method")
        name = str(first.value)
        if name in _NAMESPACES and self.token.is_operator("."):
            self.advance()
            second = self.advance()
            if second.kind != "name":
                self.index -= 1
                raise self.unexpected("a method")
            name = f"{name}.{second.value}"
        end = self.end
        if not self.token.is_operator("("):
            raise Fault("forbidden", f".{name[:60]} is not a method that is called: write .name(…)", first.start, end)
        self.advance()
        return name, first.start, end

    def _method(self, receiver: Syntax, name: str, start: int, end: int) -> Syntax:
        if name == "cast":
            target = self.type_argument()
            strict = self._strict()
            self.expect(")", "to close cast")
            return Cast(receiver.start, self.end, receiver, target, strict)
        if name == "alias":
            token = self.advance()
            if token.kind != "text":
                raise Fault("syntax", 'alias takes a name: .alias("total")', token.start, token.end)
            self.expect(")", "to close alias")
            return Alias(receiver.start, self.end, receiver, str(token.value))
        arguments, named = self.arguments(")")
        return Call(receiver.start, self.end, name, (receiver, *arguments), named, start, end, "method")

    def _strict(self) -> bool:
        if not self.accept(","):
            return True
        self.accept_word("strict")
        self.accept("=")
        token = self.advance()
        if token.value not in ("True", "False"):
            raise Fault("syntax", "strict is True or False", token.start, token.end)
        return token.value == "True"

    def type_argument(self) -> DataType:
        """`"int64"`, `pl.Int64`, `Int64`, `pl.Decimal(10, 2)`, `pl.Datetime("us", "UTC")`, `pl.List(pl.Int64)`."""
        if self.token.value in ("pl", "polars") and self.following.is_operator("."):
            self.advance()
            self.advance()
        token = self.advance()
        if token.kind == "text":
            return parse_type(str(token.value), token.start, token.end)
        if token.kind != "name":
            self.index -= 1
            raise self.unexpected("a type")
        name = {"Utf8": "string", "str": "string", "int": "int64", "float": "float64", "bool": "boolean"}.get(
            str(token.value), str(token.value).lower()
        )
        if not self.accept("("):
            return parse_type(name, token.start, token.end)
        inner = ""
        if name == "list":
            inner = str(self.type_argument())
            self.expect(")", "to close the type")
        else:
            arguments, named = self.arguments(")")
            values = [str(each.value) for each in (*arguments, *dict(named).values()) if isinstance(each, Literal)]
            inner = ",".join(each for each in values if each not in ("us", "ms", "ns", "None"))
        written = f"{name}({inner})" if inner and name != "duration" else name
        return parse_type(written, token.start, self.end)

    def arguments(self, closing: str) -> tuple[tuple[Syntax, ...], tuple[tuple[str, Syntax], ...]]:
        """Positional and keyword arguments, up to and with the closing sign."""
        positional: list[Syntax] = []
        named: list[tuple[str, Syntax]] = []
        while not self.accept(closing):
            if positional or named:
                self.expect(",", "or the end of the list")
                if self.accept(closing):
                    break
            if self.token.kind == "name" and self.following.is_operator("="):
                name = str(self.advance().value)
                self.advance()
                named.append((name, self.expression()))
            elif named:
                raise Fault("syntax", "arguments by name come last", self.token.start, self.token.end)
            else:
                positional.append(self.expression())
        return tuple(positional), tuple(named)

    def accept_word(self, word: str) -> None:
        if self.token.kind == "name" and self.token.value == word:
            self.advance()

    @property
    def end(self) -> int:
        return self.tokens[self.index - 1].end

    def foreign(self) -> Fault | None:
        """A Fault for a word or sign of SQL, which must not be mixed in."""
        token = self.token
        written = self.text[token.start : token.end]
        instead = {"=": "==", "<>": "!=", "||": "concat_str(…)", "::": ".cast(…)"}.get(written)
        if token.kind == "name":
            instead = _WORDS.get(written.upper())
        if instead is None:
            return None
        return Fault(
            "syntax", f"{written!r} belongs to the SQL spelling, and a col(…) marks Polars: write {instead}",
            token.start, token.end,
        )  # fmt: skip

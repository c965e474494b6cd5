"""The SQL spelling: `age > 18 AND country = 'US'`. Keywords and function names in any case, columns exact."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Final

from apps.nodes.columns import DATE, DATETIME, DURATION, TIME, DataType
from apps.transforms.expressions.faults import Fault
from apps.transforms.expressions.parsing import Parser, chain, constant, negative, number, text
from apps.transforms.expressions.syntax import Call, Case, Cast, Literal, Name, Parameter, Syntax
from apps.transforms.expressions.tokens import Spelling, Token

_OR, _AND, _NOT, _COMPARE, _CONCAT, _SUM, _PRODUCT, _UNARY = range(1, 9)
_BINARY: Final = {
    "||": _CONCAT, "+": _SUM, "-": _SUM, "*": _PRODUCT, "/": _PRODUCT, "//": _PRODUCT, "%": _PRODUCT,
}  # fmt: skip
_COMPARISONS: Final = {"=": "=", "<>": "<>", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_FOREIGN: Final = {"==": "=", "&": "AND", "|": "OR", "~": "NOT", "**": "power(x, y)", "^": "power(x, y)"}
_RESERVED: Final = frozenset(
    [
        "AND",
        "OR",
        "NOT",
        "IN",
        "IS",
        "BETWEEN",
        "LIKE",
        "ILIKE",
        "CASE",
        "WHEN",
        "THEN",
        "ELSE",
        "END",
        "NULL",
        "TRUE",
        "FALSE",
        "AS",
        "DISTINCT",
    ]
)
_STATEMENTS: Final = frozenset(
    [
        "SELECT",
        "INSERT",
        "UPDATE",
        "DELETE",
        "DROP",
        "CREATE",
        "ALTER",
        "ATTACH",
        "COPY",
        "PRAGMA",
        "INSTALL",
        "LOAD",
        "EXPORT",
        "UNION",
        "FROM",
        "WHERE",
        "WITH",
    ]
)
_TYPE_NAMES: Final = {
    "TINYINT": "int8", "SMALLINT": "int16", "INT": "int32", "INTEGER": "int32", "BIGINT": "int64",
    "UTINYINT": "uint8", "USMALLINT": "uint16", "UINTEGER": "uint32", "UBIGINT": "uint64",
    "REAL": "float32", "FLOAT": "float64", "DOUBLE": "float64", "TEXT": "string", "VARCHAR": "string",
    "CHAR": "string", "BOOL": "boolean", "TIMESTAMP": "datetime", "NUMERIC": "decimal", "BLOB": "binary",
    "BYTEA": "binary", "INTERVAL": "duration",
}  # fmt: skip
_UNITS: Final = {
    "MICROSECOND": timedelta(microseconds=1), "MILLISECOND": timedelta(milliseconds=1),
    "SECOND": timedelta(seconds=1), "MINUTE": timedelta(minutes=1), "HOUR": timedelta(hours=1),
    "DAY": timedelta(days=1), "WEEK": timedelta(weeks=1),
}  # fmt: skip


class SqlParser(Parser):
    spelling: Spelling = "sql"

    def parse(self) -> Syntax:
        """The whole text as one expression."""
        tree = self.expression()
        if self.token.kind != "end":
            raise self._foreign() or self.unexpected("an operator or the end")
        return tree

    def expression(self, power: int = 0) -> Syntax:
        with self.level():
            left = self._prefix()
            grouped = self.tokens[self.index - 1].is_operator(")")
            while (joined := self._infix(left, power, grouped)) is not None:
                left, grouped = joined, False
            return left

    def _infix(self, left: Syntax, power: int, grouped: bool) -> Syntax | None:
        token = self.token
        if token.is_operator("::"):
            self.advance()
            target = self._type()
            return Cast(left.start, self._end, left, target, True)
        if token.kind == "operator" and token.value in _BINARY and _BINARY[str(token.value)] > power:
            self.advance()
            right = self.expression(_BINARY[str(token.value)])
            return chain(str(token.value), left, right, token, grouped)
        if (token.is_word("AND") and power < _AND) or (token.is_word("OR") and power < _OR):
            self.advance()
            word = str(token.value).lower()
            return chain(word, left, self.expression(_AND if word == "and" else _OR), token, grouped)
        if power < _COMPARE:
            return self._comparison(left, grouped)
        return None

    def _comparison(self, left: Syntax, grouped: bool) -> Syntax | None:
        token = self.token
        if not (
            (token.kind == "operator" and token.value in _COMPARISONS)
            or token.is_word("IS", "IN", "BETWEEN", "LIKE", "ILIKE", "NOT")
        ):
            return None
        if isinstance(left, Call) and left.function in _COMPARISONS and not grouped and token.kind == "operator":
            raise Fault("syntax", "comparisons do not chain: write a < b AND b < c", left.start, token.end)
        self.advance()
        if token.kind == "operator":
            return Call(
                left.start, (right := self.expression(_COMPARE)).end, _COMPARISONS[str(token.value)],
                (left, right), (), token.start, token.end,
            )  # fmt: skip
        if token.is_word("IS"):
            return self._is(left, token)
        negated = token.is_word("NOT")
        word = self.advance() if negated else token
        if word.is_word("IN"):
            found: Syntax = self._in(left, word)
        elif word.is_word("BETWEEN"):
            low = self.expression(_COMPARE)
            if not self.token.is_word("AND"):
                raise self.unexpected("AND and the upper bound")
            self.advance()
            high = self.expression(_COMPARE)
            found = Call(left.start, high.end, "between", (left, low, high), (), word.start, word.end)
        elif word.is_word("LIKE", "ILIKE"):
            pattern = self.expression(_COMPARE)
            name = str(word.value).lower()
            found = Call(left.start, pattern.end, name, (left, pattern), (), word.start, word.end)
        else:
            self.index -= 1
            raise self.unexpected("IN, BETWEEN or LIKE after NOT")
        return Call(found.start, found.end, "not", (found,), (), token.start, token.end) if negated else found

    def _is(self, left: Syntax, sign: Token) -> Syntax:
        negated = self.token.is_word("NOT")
        if negated:
            self.advance()
        word = self.advance()
        name = str(word.value).upper() if word.kind == "name" else ""
        if name == "NULL":
            function = "is_not_null" if negated else "is_null"
            return Call(left.start, word.end, function, (left,), (), sign.start, word.end)
        if name in ("TRUE", "FALSE"):
            value = Literal(word.start, word.end, name == "TRUE", DataType("boolean"))
            function = "distinct" if negated else "not_distinct"
            return Call(left.start, word.end, function, (left, value), (), sign.start, word.end)
        if name == "DISTINCT" and self.token.is_word("FROM"):
            self.advance()
            right = self.expression(_COMPARE)
            function = "not_distinct" if negated else "distinct"
            return Call(left.start, right.end, function, (left, right), (), sign.start, word.end)
        self.index -= 1
        raise self.unexpected("NULL, TRUE, FALSE or DISTINCT FROM after IS")

    def _in(self, left: Syntax, sign: Token) -> Syntax:
        self.expect("(", "and a list of values after IN")
        items = self._arguments(")", "the list")
        return Call(left.start, self._end, "in", (left, *items), (), sign.start, sign.end)

    def _prefix(self) -> Syntax:
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
            case "quoted":
                self.advance()
                return self._column(token)
            case "name":
                return self._word(token)
        if token.is_operator("("):
            self.advance()
            inner = self.expression()
            self.expect(")", "to close the parenthesis")
            return inner
        if token.is_operator("["):
            self.advance()
            items = self._arguments("]", "the list")
            return Call(token.start, self._end, "list", items, (), token.start, token.end)
        if token.is_operator("-", "+"):
            self.advance()
            operand = self.expression(_UNARY)
            return negative(token, operand) if token.value == "-" else operand
        raise self._foreign() or self.unexpected("a value")

    def _word(self, token: Token) -> Syntax:
        self.advance()
        word = str(token.value).upper()
        literal = constant(word, token.start, token.end) if word != "NONE" else None
        if literal is not None:
            return literal
        if word == "NOT":
            operand = self.expression(_NOT)
            return Call(token.start, operand.end, "not", (operand,), (), token.start, token.end)
        if word == "CASE":
            return self._case(token)
        if word in ("CAST", "TRY_CAST") and self.token.is_operator("("):
            return self._cast(token, strict=word == "CAST")
        if word == "EXTRACT" and self.token.is_operator("("):
            return self._extract(token)
        if word in ("DATE", "TIME", "TIMESTAMP", "DATETIME", "INTERVAL") and self.token.kind == "text":
            return self._typed_literal(token, word)
        if word == "INTERVAL" and self.token.kind == "number":
            return self._typed_literal(token, word)
        if word in _STATEMENTS and self.token.kind in ("name", "quoted", "text", "number", "parameter"):
            raise Fault("forbidden", f"{word} belongs to a query; an expression has none", token.start, token.end)
        if word == "SELECT" and self.token.is_operator("*", "("):
            raise Fault("forbidden", "SELECT belongs to a query; an expression has none", token.start, token.end)
        if word in _RESERVED:
            self.index -= 1
            raise self.unexpected("a value")
        if self.token.is_operator("("):
            self.advance()
            arguments = self._arguments(")", "the arguments")
            return Call(
                token.start, self._end, str(token.value).lower(), arguments, (), token.start, token.end, "function"
            )  # fmt: skip
        return self._column(token)

    def _column(self, token: Token) -> Syntax:
        if self.token.is_operator("."):
            raise Fault(
                "syntax", "columns have no table in front, values no methods", token.start, self.following.end
            )  # fmt: skip
        return Name(token.start, token.end, str(token.value))

    def _arguments(self, closing: str, what: str) -> tuple[Syntax, ...]:
        if self.accept(closing):
            return ()
        arguments = [self.expression()]
        while self.accept(","):
            arguments.append(self.expression())
        self.expect(closing, f"to close {what}")
        return tuple(arguments)

    def _case(self, sign: Token) -> Syntax:
        subject = None if self.token.is_word("WHEN") else self.expression()
        branches: list[tuple[Syntax, Syntax]] = []
        while self.token.is_word("WHEN"):
            self.advance()
            condition = self.expression()
            if subject is not None:
                condition = Call(
                    condition.start, condition.end, "=", (subject, condition), (), condition.start, condition.end
                )  # fmt: skip
            self._keyword("THEN")
            branches.append((condition, self.expression()))
        if not branches:
            raise self.unexpected("WHEN")
        otherwise = None
        if self.token.is_word("ELSE"):
            self.advance()
            otherwise = self.expression()
        self._keyword("END")
        return Case(sign.start, self._end, tuple(branches), otherwise)

    def _keyword(self, word: str) -> None:
        if not self.token.is_word(word):
            raise self._foreign() or self.unexpected(word)
        self.advance()

    def _cast(self, sign: Token, *, strict: bool) -> Syntax:
        self.advance()
        operand = self.expression()
        self._keyword("AS")
        target = self._type()
        self.expect(")", "to close the cast")
        return Cast(sign.start, self._end, operand, target, strict)

    def _extract(self, sign: Token) -> Syntax:
        self.advance()
        part = self.advance()
        if part.kind not in ("name", "text"):
            self.index -= 1
            raise self.unexpected("a part of a date, such as YEAR")
        self._keyword("FROM")
        operand = self.expression()
        self.expect(")", "to close EXTRACT")
        return Call(sign.start, self._end, str(part.value).lower(), (operand,), (), part.start, part.end, "function")

    def _type(self) -> DataType:
        first = self.token
        if first.kind not in ("name", "text"):
            raise self.unexpected("a type")
        self.advance()
        if first.kind == "name" and self.token.is_operator("("):
            depth = 0
            while self.token.kind != "end":
                depth += self.token.is_operator("(") - self.token.is_operator(")")
                self.advance()
                if depth == 0:
                    break
        written = self.text[first.start : self._end] if first.kind == "name" else str(first.value)
        return parse_type(written, first.start, self._end)

    def _typed_literal(self, sign: Token, word: str) -> Syntax:
        token = self.advance()
        written = str(token.value)
        try:
            match word:
                case "DATE":
                    return Literal(sign.start, token.end, date.fromisoformat(written), DATE)
                case "TIME":
                    return Literal(sign.start, token.end, time.fromisoformat(written), TIME)
                case "INTERVAL":
                    return self._interval(sign, written)
                case _:
                    moment = datetime.fromisoformat(written)
        except (ValueError, OverflowError):
            raise Fault(
                "syntax", f"{written[:40]!r} is not a {word.lower()} in ISO 8601", token.start, token.end
            ) from None
        if moment.tzinfo is not None:
            return Cast(sign.start, token.end, Literal(token.start, token.end, written, DataType("string")),
                        DataType("datetime", zone="UTC"), True)  # fmt: skip
        return Literal(sign.start, token.end, moment, DATETIME)

    def _interval(self, sign: Token, written: str) -> Syntax:
        amount, _, unit = written.partition(" ")
        if not unit and self.token.kind == "name":
            unit = str(self.advance().value)
        name = unit.strip().upper().removesuffix("S")
        if name not in _UNITS:
            raise Fault(
                "syntax", "an interval has a number and a unit from microsecond to week; "
                "months and years: add_months(date, n)", sign.start, self._end,
            )  # fmt: skip
        return Literal(sign.start, self._end, _UNITS[name] * int(amount), DURATION)

    @property
    def _end(self) -> int:
        return self.tokens[self.index - 1].end

    def _foreign(self) -> Fault | None:
        """A Fault for a sign of the other spelling, which must not be mixed in."""
        token = self.token
        if token.kind == "operator" and token.value in _FOREIGN:
            instead = _FOREIGN[str(token.value)]
            return Fault(
                "syntax",
                f"{token.value!r} belongs to the Polars spelling, which a col(…) marks; in SQL write {instead}",
                token.start,
                token.end,
            )
        return None


def parse_type(written: str, start: int, end: int) -> DataType:
    """A type by UZO's name or SQL's; raises Fault."""
    name = written.strip()
    head, bracket, rest = name.partition("(")
    known = _TYPE_NAMES.get(head.strip().upper(), head.strip().lower())
    if known == "string":
        bracket = rest = ""
    if known == "decimal" and not bracket:
        bracket, rest = "(", "18,3)"
    elif known == "decimal" and "," not in rest:
        rest = rest.replace(")", ",0)")
    try:
        return DataType.parse(f"{known}{bracket}{rest}")
    except ValueError as error:
        raise Fault("type_mismatch", str(error), start, end) from None

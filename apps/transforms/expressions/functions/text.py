"""Functions of text. Lengths and places count characters; places begin at 1 in SQL names."""

from __future__ import annotations

from typing import Final

from apps.nodes.columns import BOOLEAN, INT64, STRING, DataType
from apps.transforms.expressions.functions.base import TEXT, Function, Parameter

_REPLACEMENT: Final = Parameter("replacement", "text", constant=True)
_PATTERN: Final = Parameter("pattern", "text", constant=True)
_LIST: Final = DataType("list", inner=STRING)


def _one(name: str, method: str, documentation: str, example: tuple[str, object], *aliases: str) -> Function:
    return Function(
        name, "text", (TEXT,), STRING, documentation, (example,), aliases=aliases, methods=(f"str.{method}",)
    )


def _trim(name: str, method: str, where: str, example: tuple[str, object], *aliases: str) -> Function:
    return Function(
        name, "text", (TEXT, Parameter("characters", "text", None)), STRING,
        f"The text without white space, or without the given characters, {where}.", (example,),
        aliases=aliases, methods=(f"str.{method}",),
    )  # fmt: skip


FUNCTIONS: Final = (
    _one("upper", "to_uppercase", "In capital letters.", ("upper('Oslo')", "OSLO"), "ucase"),
    _one("lower", "to_lowercase", "In small letters.", ("lower('Oslo')", "oslo"), "lcase"),
    _one("initcap", "to_titlecase", "Each word with a capital.", ("initcap('new york')", "New York"), "title"),
    _one("reverse", "reverse", "Backwards.", ("reverse('abc')", "cba")),
    _trim("trim", "strip_chars", "at both ends", ("trim('  a ')", "a"), "btrim"),
    _trim("ltrim", "strip_chars_start", "at the start", ("ltrim('  a ')", "a ")),
    _trim("rtrim", "strip_chars_end", "at the end", ("rtrim('xxa', 'a')", "xx")),
    Function(
        "length", "text", (TEXT,), INT64, "How many characters.", (("length('Århus')", 5),),
        aliases=("char_length", "character_length", "len"), methods=("str.len_chars",),
    ),
    Function(
        "octet_length", "text", (TEXT,), INT64, "How many bytes in UTF-8.", (("octet_length('Å')", 2),),
        methods=("str.len_bytes",),
    ),
    Function(
        "concat", "text", (Parameter("parts", "any"),), STRING,
        "The parts one after another as text, nulls left out; `||` is null where a part is.",
        (("concat('a', NULL, 1)", "a1"),), aliases=("concat_str",), variadic=True, nulls="never",
    ),
    Function(
        "concat_ws", "text", (Parameter("separator", "text", constant=True), Parameter("parts", "any")), STRING,
        "The parts as text with a separator between them, nulls left out.",
        (("concat_ws('-', 'a', NULL, 'b')", "a-b"),), variadic=True, nulls="maybe",
    ),
    Function(
        "substr", "text", (TEXT, Parameter("start", "integer"), Parameter("length", "integer", None)), STRING,
        "A part of the text, from a place counted from 1, so many characters or to the end; a negative "
        "place counts from the end.",
        (("substr('harbour', 1, 3)", "har"), ("substr('harbour', -3)", "our")), aliases=("substring", "mid"),
    ),
    Function(
        "slice_text", "text", (TEXT, Parameter("offset", "integer"), Parameter("length", "integer", None)), STRING,
        "As `substr`, with an offset counted from 0: the Polars method `.str.slice`.",
        (("slice_text('harbour', 0, 3)", "har"),), methods=("str.slice",),
    ),
    Function(
        "left", "text", (TEXT, Parameter("n", "integer")), STRING, "The first n characters.",
        (("left('harbour', 3)", "har"),), methods=("str.head",),
    ),
    Function(
        "right", "text", (TEXT, Parameter("n", "integer")), STRING, "The last n characters.",
        (("right('harbour', 3)", "our"),), methods=("str.tail",),
    ),
    Function(
        "replace", "text", (TEXT, Parameter("search", "text", constant=True), _REPLACEMENT), STRING,
        "Every occurrence of a text replaced by another, taken literally.",
        (("replace('a.b.c', '.', '-')", "a-b-c"),), aliases=("replace_all",),
    ),
    Function(
        "regexp_replace", "text", (TEXT, _PATTERN, Parameter("replacement", "text", constant=True)), STRING,
        "Every match of a regular expression replaced; `${1}` stands for the first group.",
        (("regexp_replace('a1b22', '[0-9]+', '#')", "a#b#"),), methods=("str.replace_all",),
        keywords={"value": "replacement"},
    ),
    Function(
        "regexp_matches", "text", (TEXT, _PATTERN), BOOLEAN,
        "Whether a regular expression matches anywhere in the text. It runs in linear time.",
        (("regexp_matches('SK901', '^[A-Z]{2}[0-9]+$')", True),), aliases=("regexp_like", "rlike"),
    ),
    Function(
        "regexp_extract", "text", (TEXT, _PATTERN, Parameter("group", "integer", 0, constant=True)), STRING,
        "What a group of the first match holds (0: the whole match), or null.",
        (("regexp_extract('SK901', '([A-Z]+)([0-9]+)', 2)", "901"),), nulls="maybe",
    ),
    Function(
        "extract_text", "text", (TEXT, _PATTERN, Parameter("group", "integer", 1, constant=True)), STRING,
        "As `regexp_extract`, with the first group unless said: the Polars method `.str.extract`.",
        (("extract_text('SK901', '([0-9]+)')", "901"),), methods=("str.extract",), nulls="maybe",
        keywords={"group_index": "group"},
    ),
    Function(
        "contains", "text", (TEXT, Parameter("part", "text")), BOOLEAN, "Whether the text has that part, literally.",
        (("contains('harbour', 'bo')", True),),
    ),
    Function(
        "contains_pattern", "text",
        (TEXT, _PATTERN, Parameter("literal", "boolean", False, constant=True)), BOOLEAN,
        "Whether a pattern matches: the Polars method `.str.contains`, a regular expression unless `literal`.",
        (("contains_pattern('harbour', 'b.u')", True),), methods=("str.contains",),
    ),
    Function(
        "starts_with", "text", (TEXT, Parameter("prefix", "text")), BOOLEAN, "Whether the text begins so.",
        (("starts_with('harbour', 'har')", True),), aliases=("startswith",), methods=("str.starts_with",),
    ),
    Function(
        "ends_with", "text", (TEXT, Parameter("suffix", "text")), BOOLEAN, "Whether the text ends so.",
        (("ends_with('harbour', 'our')", True),), aliases=("endswith",), methods=("str.ends_with",),
    ),
    Function(
        "strpos", "text", (TEXT, Parameter("part", "text", constant=True)), INT64,
        "The place, counted from 1, of the first occurrence; 0 where there is none.",
        (("strpos('harbour', 'b')", 4), ("strpos('harbour', 'z')", 0)), aliases=("instr", "position"),
    ),
    Function(
        "lpad", "text",
        (TEXT, Parameter("length", "integer", constant=True), Parameter("fill", "text", " ", constant=True)), STRING,
        "Filled up at the start to so many characters, or cut to them.", (("lpad('7', 3, '0')", "007"),),
    ),
    Function(
        "rpad", "text",
        (TEXT, Parameter("length", "integer", constant=True), Parameter("fill", "text", " ", constant=True)), STRING,
        "Filled up at the end to so many characters, or cut to them.", (("rpad('7', 3, '.')", "7.."),),
    ),
    Function(
        "zfill", "text", (TEXT, Parameter("length", "integer", constant=True)), STRING,
        "Filled up with zeros behind a sign.", (("zfill('-7', 4)", "-007"),), methods=("str.zfill",),
    ),
    Function(
        "repeat", "text", (TEXT, Parameter("n", "integer", constant=True)), STRING,
        "The text n times over, at most 1,000.", (("repeat('ab', 2)", "abab"),),
    ),
    Function(
        "split", "text", (TEXT, Parameter("separator", "text")), _LIST, "The parts between separators.",
        (("split('a,b', ',')", ["a", "b"]),), aliases=("string_split", "str_split"), methods=("str.split",),
        keywords={"by": "separator"},
    ),
    Function(
        "split_part", "text", (TEXT, Parameter("separator", "text"), Parameter("n", "integer", constant=True)), STRING,
        "The n-th part between separators, counted from 1; null where there is none.",
        (("split_part('a,b', ',', 2)", "b"),), nulls="maybe",
    ),
)  # fmt: skip

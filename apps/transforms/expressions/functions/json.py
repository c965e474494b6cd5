"""Functions of JSON text."""

from __future__ import annotations

from typing import Final

from apps.nodes.columns import STRING
from apps.transforms.expressions.functions.base import Function, Parameter

FUNCTIONS: Final = (
    Function(
        "json_extract", "json", (Parameter("json", "json"), Parameter("path", "text", constant=True)), STRING,
        "What stands at a path like `$.a.b[0]`, as text; null where it is missing or the JSON is broken.",
        (("json_extract('{\"a\": {\"b\": [7]}}', '$.a.b[0]')", "7"),),
        aliases=("json_value", "json_extract_string"), methods=("str.json_path_match",), nulls="maybe",
    ),
)  # fmt: skip

"""The expression language: two spellings with one meaning, parsed and typed here, lowered to an engine.

Text → `parse` (own grammar) → `check` against columns → a typed tree → `to_polars`. What a user types
never reaches `eval`, attribute look-up by name, or the SQL of any engine: a name is looked up in
`FUNCTIONS`, and what is not there is a problem.
"""

from apps.transforms.expressions.checking import Checked, check, names_in
from apps.transforms.expressions.evaluation import evaluate
from apps.transforms.expressions.functions import FUNCTIONS
from apps.transforms.expressions.lower_polars import to_polars
from apps.transforms.expressions.values import type_of, types_of

__all__ = ["FUNCTIONS", "Checked", "check", "evaluate", "names_in", "to_polars", "type_of", "types_of"]

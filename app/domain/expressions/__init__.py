"""Small formulas an administrator may write: `attended <= should_attend`, `sum(costs.amount) / count(costs)`.

A formula is parsed into a tree (parsing) and walked (evaluating); nothing is ever executed. It can be said in plain words
(words), sent to a page that follows what is typed (sending) and, where it is simple enough, taken apart into conditions
a page can offer as choices (conditions).
"""

from app.domain.expressions.conditions import Condition, Conditions, as_conditions, as_formula
from app.domain.expressions.evaluating import Formula, Pair, Value, compiled, evaluate, two_compared
from app.domain.expressions.parsing import FUNCTIONS, columns_in, names_in, parse_expression
from app.domain.expressions.sending import as_json
from app.domain.expressions.words import spoken

__all__ = [
    "FUNCTIONS",
    "Condition",
    "Conditions",
    "Formula",
    "Pair",
    "Value",
    "as_conditions",
    "as_formula",
    "as_json",
    "columns_in",
    "compiled",
    "evaluate",
    "names_in",
    "parse_expression",
    "spoken",
    "two_compared",
]

"""Forms held as data: what a form asks (spec), reading one from data (parsing), reading one
answer (reading), what is wrong with a form (mistakes), checking what was answered (answers).

Where forms are kept, drawn or imported does not belong here.
"""

from app.domain.formspec.answers import Checker, answers_as_data, check_answers, offered_answers
from app.domain.formspec.parsing import parse_spec, spec_as_data
from app.domain.formspec.spec import (
    NOT_APPLICABLE,
    NUMBERS,
    REFERENCES,
    TEXTS,
    WITH_CHOICES,
    Choice,
    Field,
    FieldType,
    FormSpec,
    Label,
    Rule,
    Section,
)

__all__ = [
    "NOT_APPLICABLE",
    "NUMBERS",
    "REFERENCES",
    "TEXTS",
    "WITH_CHOICES",
    "Checker",
    "Choice",
    "Field",
    "FieldType",
    "FormSpec",
    "Label",
    "Rule",
    "Section",
    "answers_as_data",
    "check_answers",
    "offered_answers",
    "parse_spec",
    "spec_as_data",
]

"""Forms held as data: what a form asks (spec), reading one from data (parsing), reading one
answer (reading), what is wrong with a form (mistakes), checking what was answered (answers), a form
while it is being made (drafting, placing), what a new version changes (redline), which listed answers are
copied beside the record (slots).

Where forms are kept, drawn or imported does not belong here.
"""

from app.domain.formspec.answers import Checker, answers_as_data, check_answers, offered_answers
from app.domain.formspec.drafting import as_draft
from app.domain.formspec.parsing import parse_spec, spec_as_data
from app.domain.formspec.placing import placed_problems, right_part
from app.domain.formspec.redline import Change, FieldChange, redline, rules_differ
from app.domain.formspec.slots import assigned_slots, slot_kind
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
    "slot_kind",
    "assigned_slots",
    "rules_differ",
    "redline",
    "right_part",
    "placed_problems",
    "as_draft",
    "FieldChange",
    "Change",
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

"""What a form asks: sections of typed fields, and rules that hold between fields."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

NOT_APPLICABLE = "NA"  # the answer "does not apply", where a field allows it


class FieldType(StrEnum):
    """What kind of answer a field takes."""

    INTEGER = "integer"
    DECIMAL = "decimal"
    MONEY = "money"  # yuan, two places
    PERCENTAGE = "percentage"
    TEXT = "text"
    LONG_TEXT = "long_text"
    DATE = "date"
    MONTH = "month"
    CHOICE = "choice"
    CHOICES = "choices"
    BOOLEAN = "boolean"
    UNIT_REF = "unit_ref"
    PERSON_REF = "person_ref"
    LIST_ITEM = "list_item"
    ATTACHMENT = "attachment"
    ROWS = "rows"
    HEADING = "heading"  # stands between questions and asks nothing


NUMBERS = frozenset({FieldType.INTEGER, FieldType.DECIMAL, FieldType.MONEY, FieldType.PERCENTAGE})
TEXTS = frozenset({FieldType.TEXT, FieldType.LONG_TEXT})
WITH_CHOICES = frozenset({FieldType.CHOICE, FieldType.CHOICES})
REFERENCES = frozenset({FieldType.UNIT_REF, FieldType.PERSON_REF, FieldType.LIST_ITEM})
NOT_IN_ROWS = frozenset({FieldType.ROWS, FieldType.HEADING, FieldType.ATTACHMENT})
DEFAULT_LENGTH = {FieldType.TEXT: 200, FieldType.LONG_TEXT: 2000}
MOST_ROWS, MOST_ATTACHMENTS = 100, 9


@dataclass(frozen=True)
class Label:
    """A text in the languages of the portal; what is missing is read in Chinese."""

    zh: str
    en: str = ""
    ko: str = ""

    def __bool__(self) -> bool:
        return bool(self.zh)

    def __str__(self) -> str:
        return self.zh

    def in_language(self, code: str) -> str:
        """The text for a locale such as `zh_Hans_CN`, `en` or `ko`."""
        return {"en": self.en, "ko": self.ko}.get(code[:2], self.zh) or self.zh


@dataclass(frozen=True)
class Choice:
    """One answer of a choice field."""

    code: str
    label: Label


@dataclass(frozen=True)
class Field:
    """One question.

    Shape: `condition` and `computed` are formulas over fields that stand before: a field whose condition is not true is
           not asked; a computed field is never typed. `default` is the answer offered at first, as typed; `offers_last`
           offers the last answer of the same post. `pattern` is a mask for a text: # a digit, @ a Latin letter, ? any
           one sign, * any signs. `columns` are the questions of each row of repeating rows, at most `max_rows`.
           `list_kind` names the kind of list an item is chosen from, `level` the level of the units offered. `known`
           names what the portal knows itself and fills in (unit.name, person.name, period …). `is_listed` puts the
           field on the list page, where it can be searched.
    Units: `places` are the decimal places of a decimal; `unit_label` says what is counted (次, 户).
    """

    code: str
    label: Label
    type: FieldType
    required: bool = False
    min: Decimal | None = None
    max: Decimal | None = None
    max_length: int | None = None
    choices: tuple[Choice, ...] = ()
    unit_label: Label = Label("")
    help: Label = Label("")
    condition: str = ""
    computed: str = ""
    default: str = ""
    offers_last: bool = False
    na_allowed: bool = False
    places: int = 2
    pattern: str = ""
    columns: tuple[Field, ...] = ()
    max_rows: int | None = None
    list_kind: str = ""
    level: str = ""
    known: str = ""
    is_listed: bool = False

    @property
    def length_limit(self) -> int:
        """The longest text the field takes."""
        return self.max_length or DEFAULT_LENGTH.get(self.type, DEFAULT_LENGTH[FieldType.TEXT])

    @property
    def row_limit(self) -> int:
        """The most rows the field takes."""
        return self.max_rows or MOST_ROWS

    def column(self, code: str) -> Field:
        """The column of that code. Errors: KeyError, a mistake of the caller."""
        return _found(self.columns, code)


@dataclass(frozen=True)
class Section:
    """Fields that belong together."""

    code: str
    title: Label
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Rule:
    """A condition between fields, such as `attended <= should_attend`.

    Shape: `code` names the problem, `at` the field it is shown at, `message` says it in words. A rule that is a `warning`
           is told and does not refuse.
    """

    check: str
    code: str
    at: str
    message: Label = Label("")
    warning: bool = False


@dataclass(frozen=True)
class FormSpec:
    """One version of a form. A record stays bound to the version it was written on."""

    code: str
    version: int
    title: Label
    sections: tuple[Section, ...]
    rules: tuple[Rule, ...] = ()

    def fields(self) -> tuple[Field, ...]:
        """Every field that takes an answer, in the order of the form."""
        return tuple(
            field for section in self.sections for field in section.fields if field.type is not FieldType.HEADING
        )

    def field(self, code: str) -> Field:
        """The field of that code. Errors: KeyError, a mistake of the caller."""
        return _found(self.fields(), code)


def _found(fields: tuple[Field, ...], code: str) -> Field:
    for field in fields:
        if field.code == code:
            return field
    raise KeyError(code)

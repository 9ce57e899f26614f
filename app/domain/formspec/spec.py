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
    TEXT = "text"
    LONG_TEXT = "long_text"
    DATE = "date"
    CHOICE = "choice"
    BOOLEAN = "boolean"
    UNIT_REF = "unit_ref"
    PERSON_REF = "person_ref"


NUMBERS = frozenset({FieldType.INTEGER, FieldType.DECIMAL})
DEFAULT_LENGTH = {FieldType.TEXT: 200, FieldType.LONG_TEXT: 2000}


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

    Shape: `condition` and `computed` are formulas over other fields: a field whose condition is not true is not
           asked; a computed field is never typed. `offers_last` offers the last answer of the same post.
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
    offers_last: bool = False
    na_allowed: bool = False
    places: int = 2

    @property
    def length_limit(self) -> int:
        """The longest text the field takes."""
        return self.max_length or DEFAULT_LENGTH.get(self.type, DEFAULT_LENGTH[FieldType.TEXT])


@dataclass(frozen=True)
class Section:
    """Fields that belong together."""

    code: str
    title: Label
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Rule:
    """A condition between fields, such as `attended <= should_attend`.

    Shape: `code` names the problem, `at` the field it is shown at, `message` says it in words.
    """

    check: str
    code: str
    at: str
    message: Label = Label("")


@dataclass(frozen=True)
class FormSpec:
    """One version of a form. A record stays bound to the version it was written on."""

    code: str
    version: int
    title: Label
    sections: tuple[Section, ...]
    rules: tuple[Rule, ...] = ()

    def fields(self) -> tuple[Field, ...]:
        """Every field, in the order of the form."""
        return tuple(field for section in self.sections for field in section.fields)

    def field(self, code: str) -> Field:
        """The field of that code. Errors: KeyError, a mistake of the caller."""
        for field in self.fields():
            if field.code == code:
                return field
        raise KeyError(code)

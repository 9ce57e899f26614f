"""What is wrong with a form that can be read: codes used twice, settings that do not go together, formulas that read nothing."""

from __future__ import annotations

from app.domain.errors import Problem, RuleBroken
from app.domain.expressions import columns_in, names_in, parse_expression
from app.domain.formspec.reading import Refused, typed
from app.domain.formspec.spec import NOT_IN_ROWS, NUMBERS, TEXTS, WITH_CHOICES, Field, FieldType, FormSpec

MAX_FIELDS, MAX_COLUMNS, MAX_PATTERN = 200, 20, 60


def mistakes(spec: FormSpec) -> list[Problem]:
    """Every mistake of a form, at the code of its field, or at `rows.column`. Errors: (returned) form.*, expression.*."""
    found: list[Problem] = []
    scope = _Scope()
    asked = [field for section in spec.sections for field in section.fields]
    if not (len(spec.fields()) >= 1 and len(asked) <= MAX_FIELDS):
        found.append(Problem("form.field_count", "sections", {"limit": MAX_FIELDS}))
    for field in asked:
        found += _field_mistakes(field) + _mistakes_in_rows(field, scope) + scope.mistakes_of(field)
        scope.add(field)
    if len({section.code for section in spec.sections}) < len(spec.sections):
        found.append(Problem("form.duplicate_section", "sections"))
    for rule in spec.rules:
        found += scope.formula_mistakes(rule.check, rule.at)
        if rule.at not in scope.known:
            found.append(Problem("form.unknown_field", rule.at or "rules"))
    return found


class _Scope:
    """What a formula may read where it stands: the fields before it, and the columns of repeating rows."""

    def __init__(self, known: set[str] | None = None, columns: set[tuple[str, str]] | None = None) -> None:
        self.known, self.columns = known or set(), columns or set()

    def add(self, field: Field) -> None:
        self.known.add(field.code)
        self.columns |= {(field.code, column.code) for column in field.columns}

    def mistakes_of(self, field: Field, where: str = "") -> list[Problem]:
        where = where or field.code
        found = [Problem("form.duplicate_field", where)] if field.code in self.known else []
        for formula in filter(None, (field.condition, field.computed)):
            found += self.formula_mistakes(formula, where)
        return found

    def formula_mistakes(self, formula: str, where: str) -> list[Problem]:
        try:
            tree = parse_expression(formula)
        except RuleBroken as refused:
            return [Problem(problem.code, where, problem.params) for problem in refused.problems]
        columns = columns_in(tree)
        unknown = {*(names_in(tree) - self.known - {rows for rows, _column in columns})}
        unknown |= {f"{rows}.{column}" for rows, column in columns - self.columns}
        return [Problem("form.formula_reads_unknown", where, {"name": name}) for name in sorted(unknown)]


def _mistakes_in_rows(field: Field, scope: _Scope) -> list[Problem]:
    """What is wrong in the columns of repeating rows; a formula there reads earlier columns of its row as well."""
    inner, found = _Scope({*scope.known, field.code}, {*scope.columns}), []
    for column in field.columns:
        where = f"{field.code}.{column.code}"
        if column.type in NOT_IN_ROWS:
            found.append(Problem("form.not_in_rows", where))
        found += [Problem(p.code, where, p.params) for p in _field_mistakes(column)] + inner.mistakes_of(column, where)
        inner.add(column)
    return found


def _field_mistakes(field: Field) -> list[Problem]:
    numeric = field.type in NUMBERS
    wrong = {
        "choices_missing": field.type in WITH_CHOICES and not field.choices,
        "choices_not_expected": field.type not in WITH_CHOICES and bool(field.choices),
        "computed_not_a_number": bool(field.computed) and not numeric,
        "computed_required": bool(field.computed) and field.required,
        "limits_not_expected": not numeric and (field.min is not None or field.max is not None),
        "limits_crossed": field.min is not None and field.max is not None and field.min > field.max,
        "pattern_not_expected": bool(field.pattern) and field.type not in TEXTS,
        "pattern_too_long": len(field.pattern) > MAX_PATTERN,
        "columns_missing": field.type is FieldType.ROWS and not field.columns,
        "columns_not_expected": field.type is not FieldType.ROWS and bool(field.columns),
        "too_many_columns": len(field.columns) > MAX_COLUMNS,
        "list_kind_missing": field.type is FieldType.LIST_ITEM and not field.list_kind,
        "heading_asks_nothing": field.type is FieldType.HEADING and _asks(field),
        "cannot_be_listed": field.is_listed and field.type in (FieldType.ROWS, FieldType.ATTACHMENT),
    }
    found = [Problem(f"form.{reason}", field.code) for reason, is_wrong in wrong.items() if is_wrong]
    return found or _default_mistakes(field)


def _asks(field: Field) -> bool:
    return field.required or field.is_listed or bool(field.default or field.computed or field.known)


def _default_mistakes(field: Field) -> list[Problem]:
    """A default must be an answer its field takes."""
    if not field.default:
        return []
    if field.computed or field.type in NOT_IN_ROWS:
        return [Problem("form.default_not_expected", field.code)]
    try:
        typed(field, field.default)
    except Refused as refused:
        return [Problem("form.default_refused", field.code, {"value": field.default, "reason": refused.code})]
    return []

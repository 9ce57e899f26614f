"""Flask-AppBuilder's forms in our clothes: the browser's own date pickers, exact decimals, and a search one can read."""

from __future__ import annotations

from typing import Any

from flask_appbuilder.forms import FieldConverter
from flask_appbuilder.models.sqla.filters import FilterContains
from flask_appbuilder.widgets import SearchWidget as FabSearchWidget
from wtforms import DateTimeLocalField, IntegerField, StringField, TextAreaField
from wtforms.widgets import NumberInput, TextInput

from app.kit.fields import DateField, ExactField
from app.kit.i18n import _

FIELDS = (
    ("is_text", TextAreaField, None),
    ("is_json", TextAreaField, None),
    ("is_string", StringField, None),
    ("is_integer", IntegerField, NumberInput),
    ("is_numeric", ExactField, TextInput),
    ("is_date", DateField, None),
    ("is_datetime", DateTimeLocalField, None),
)


def install() -> None:
    """Let FAB make our fields from columns; the kinds we do not name keep theirs."""
    ours = {kind for kind, _field, _widget in FIELDS}
    FieldConverter.conversion_table = FIELDS + tuple(
        row for row in FieldConverter.conversion_table if row[0] not in ours
    )


class SearchWidget(FabSearchWidget):  # type: ignore[misc]
    """Every search column at once: text is searched by what it contains, numbers and dates by a comparison to choose."""

    def __call__(self, **kwargs: Any) -> Any:
        offered = self.filters.get_search_filters()
        active = {flt.column_name: (flt, value) for flt, value in self.filters.get_filters_values()}
        columns = [column for column in self.template_args["include_cols"] if column in offered]
        kwargs["fields"] = [self._field(column, offered[column], active.get(column)) for column in columns]
        kwargs["is_active"] = any(field["is_active"] for field in kwargs["fields"])
        return super().__call__(**kwargs)

    def _field(self, column: str, filters: list[Any], chosen: tuple[Any, Any] | None) -> dict[str, Any]:
        field = self.template_args["form"][column]
        index = _index_of(filters, chosen)
        label, value = field.label.text, _first(chosen[1]) if chosen else ""
        field.id, field.name, field.flags.required = f"flt-{column}", _name(index, column), False
        if value:
            field.process_formdata([str(value)])
        return {
            "id": field.id,
            "name": field.name,
            "label": label,
            "is_active": bool(chosen),
            "is_flag": field.type == "BooleanField",
            "input": field,
            "operators": _operators(column, filters, index),
        }


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, list) and value else value


def _name(index: int, column: str) -> str:
    return f"_flt_{index}_{column}"


def _index_of(filters: list[Any], chosen: tuple[Any, Any] | None) -> int:
    wanted = type(chosen[0]) if chosen else FilterContains
    return next((i for i, candidate in enumerate(filters) if type(candidate) is wanted), 0)


def _operators(column: str, filters: list[Any], index: int) -> list[tuple[str, Any, bool]]:
    """The comparisons of a number or date; for text, relations and choices the obvious one is not worth a choice."""
    if not any(candidate.arg_name == "gt" for candidate in filters):
        return []
    words = {"gt": _("later or greater than"), "lt": _("earlier or less than"), "eq": _("is"), "neq": _("is not")}
    return [
        (_name(i, column), words[candidate.arg_name], i == index)
        for i, candidate in enumerate(filters)
        if candidate.arg_name in words
    ]

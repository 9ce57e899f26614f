"""Form fields: a related row looked up as one types, dates, exact decimals."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from flask import url_for
from markupsafe import Markup
from wtforms import DateField as WTDateField
from wtforms import DecimalField, Field, StringField, ValidationError, validators
from wtforms.widgets import html_params

from app.kit import lookup
from app.kit.i18n import _


class RemoteSelectField(Field):
    """A choice of one related row: only the current value is rendered, the rest comes from /lookup, within scope."""

    def __init__(self, label: Any = None, validators: Any = None, datamodel: Any = None, **kwargs: Any) -> None:
        super().__init__(label, validators, **kwargs)
        self.datamodel = datamodel
        self._refused = False

    @classmethod
    def for_relation(cls, datamodel: Any, col_name: str, label: Any, checks: list[Any], description: Any) -> Any:
        """The field for a to-one relation of a model."""
        checks.append(validators.Optional() if datamodel.is_nullable(col_name) else validators.InputRequired())
        return cls(label, checks, datamodel=datamodel.get_related_interface(col_name), description=description)

    def widget(self, field: Any, **kwargs: Any) -> Markup:
        current = Markup("")
        if self.data is not None:
            current = Markup('<option value="%s" selected>%s</option>') % (
                self.datamodel.get_pk_value(self.data),
                lookup.label(self.data),
            )
        attributes = html_params(
            id=self.id,
            name=self.name,
            data_url=url_for("LookupView.lookup", table=self.datamodel.obj.__tablename__),
            **kwargs | {"class": "remote-select form-control"},
        )
        return Markup("<select %s><option value=''></option>%s</select>") % (Markup(attributes), current)

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data, self._refused = None, False
        if valuelist and valuelist[0]:
            self.data = self.datamodel.get(valuelist[0]) if valuelist[0].isdigit() else None
            self._refused = self.data is None

    def pre_validate(self, form: Any) -> None:
        if self._refused:
            raise ValidationError(_("This is not one of the choices you may make."))


class DateField(WTDateField):
    """A date with the browser's own picker."""


class ExactField(DecimalField):
    """An exact decimal; full-width digits and thousands separators are understood."""

    def process_formdata(self, valuelist: list[str]) -> None:
        if not valuelist or not valuelist[0].strip():
            self.data = None
            return
        text = valuelist[0].strip().replace(",", "").replace("，", "")
        try:
            self.data = Decimal(text)
        except InvalidOperation as error:
            self.data = None
            raise ValueError(_("“%(value)s” is not a number.", value=valuelist[0])) from error


class WordsField(StringField):
    """A list of words on one line, separated by commas of any kind or by 、."""

    def _value(self) -> str:
        return "、".join(self.data or ())

    def process_formdata(self, valuelist: list[str]) -> None:
        typed = valuelist[0] if valuelist else ""
        self.data = [word for part in re.split(r"[、,，;；\n]", typed) if (word := part.strip())]

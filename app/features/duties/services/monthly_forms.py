"""By which form and template the rows of a monthly log are checked and opened, looked up once for all turns of a file."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from app.domain.formspec import Checker
from app.domain.periods import Period
from app.features.duties.queries.work import MONTHLY_RECORD
from app.features.duties.services.opening import record_templates, record_values
from app.features.forms.models import FormVersion
from app.features.forms.queries import forms_at, spec_of
from app.features.org.models import OrgUnit
from app.kit.db import db


@dataclass
class Forms:
    """By what the rows of one file are checked and opened, from its first turn to its last.

    Shape: `form_at` is the form that holds at a township, `opened` by township and month what a new record begins with.
    """

    checkers: dict[int, Checker] = field(default_factory=dict)
    form_at: dict[int, int] = field(default_factory=dict)
    opened: dict[tuple[int, str], dict[str, Any]] = field(default_factory=dict)

    def load(self, versions: Iterable[int], places: Collection[tuple[int, str]]) -> None:
        """Look up what is not known yet: forms that records have, and what holds where new ones are to stand."""
        stated = set(versions) - self.checkers.keys()
        for form in db.session.scalars(select(FormVersion).where(FormVersion.id.in_(stated))) if stated else ():
            self.checkers[form.id] = Checker(spec_of(form))
        bare = {township for township, _month in places}
        townships = db.session.scalars(select(OrgUnit).where(OrgUnit.id.in_(bare))).all() if bare else ()
        for unit_id, form in forms_at(MONTHLY_RECORD, townships).items() if townships else ():
            self.form_at[unit_id] = form.id
            self.checkers.setdefault(form.id, Checker(spec_of(form)))
        for month in {month for _township, month in places}:
            for unit_id, template in record_templates(MONTHLY_RECORD, townships, Period.parse(month)).items():
                if unit_id in self.form_at:
                    values = record_values(template, self.form_at[unit_id], Period.parse(month))
                    self.opened[unit_id, month] = values

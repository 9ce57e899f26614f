"""Forms: a PortalForm calls its rules, pins every Problem to its field, and never loses what was typed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import flash
from flask_appbuilder.forms import DynamicForm
from markupsafe import Markup

from app.domain.errors import Problem, RuleBroken
from app.kit.idempotency import form_key
from app.kit.problems import sentence


class PortalForm(DynamicForm):  # type: ignore[misc]
    """A form whose `rules()` gives the Problems of the domain for the values typed.

    `row_inputs` are the hidden inputs that say which version of a row it was made from.
    """

    row_inputs = Markup("")

    def hidden_tag(self, *fields: Any) -> Markup:
        """The token of the session, the key of this form, and the version of its row."""
        return Markup(super().hidden_tag(*fields)) + form_key() + self.row_inputs

    def rules(self) -> Iterable[Problem]:
        """Problems of the whole input; fields were checked before."""
        return ()

    def validate(self, extra_validators: Any = None) -> bool:
        valid = super().validate(extra_validators)
        problems = list(self.rules()) if valid else []
        self.show(problems)
        return valid and not problems

    def show(self, problems: Iterable[Problem]) -> None:
        """Pin problems to their fields; what has no field goes to the top of the page."""
        for problem in problems:
            field = self._fields.get(problem.where)
            if field is None:
                flash(sentence(problem), "danger")
            else:
                field.errors = [*field.errors, sentence(problem)]

    def accept(self, act: Any) -> bool:
        """Run a service; False with the problems shown at their fields when it refuses."""
        try:
            act()
        except RuleBroken as refusal:
            self.show(refusal.problems)
            return False
        return True

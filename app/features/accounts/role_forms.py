"""Forms of the rights matrix and of copied roles."""

from __future__ import annotations

from collections.abc import Mapping

from wtforms import StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from app.kit.forms import PortalForm
from app.kit.i18n import _l


class ReasonForm(PortalForm):
    """Why rights are changed."""

    reason = TextAreaField(
        _l("Reason"),
        [InputRequired(), Length(max=200)],
        description=_l("Who asked for it and why; it stays in the audit trail."),
    )


class RoleForm(PortalForm):
    """The names of a copied role."""

    zh = StringField(_l("Name"), [InputRequired(), Length(max=40)])
    en = StringField(_l("Name in English"), [Optional(), Length(max=40)])
    ko = StringField(_l("Name in Korean"), [Optional(), Length(max=40)])

    def title(self) -> Mapping[str, str]:
        """The names by language, as they were typed."""
        return {"zh": self.zh.data or "", "en": self.en.data or "", "ko": self.ko.data or ""}

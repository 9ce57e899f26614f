"""Forms of accounts."""

from __future__ import annotations

from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from app.kit.forms import PortalForm
from app.kit.i18n import _l


class AccountForm(PortalForm):
    """A new account of a person chosen before."""

    username = StringField(
        _l("User name"),
        [InputRequired(), Length(max=32)],
        description=_l("3 to 32 small letters, digits, dots or hyphens"),
    )


class PasswordForm(PortalForm):
    """One's own new password."""

    present = PasswordField(_l("Present password"), [InputRequired()], render_kw={"autocomplete": "current-password"})
    password = PasswordField(_l("New password"), [InputRequired()], render_kw={"autocomplete": "new-password"})
    again = PasswordField(_l("New password once more"), [InputRequired()], render_kw={"autocomplete": "new-password"})


class CodeForm(PortalForm):
    """A code out of the app on the telephone."""

    code = StringField(
        _l("One-time code"), [InputRequired(), Length(max=40)], render_kw={"autocomplete": "one-time-code"}
    )

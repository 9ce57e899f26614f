"""Pages of accounts."""

from __future__ import annotations

from app.domain.rights import Verb
from app.features.accounts.views.keys import ApiKeyView
from app.features.accounts.views.others import AccountView
from app.features.accounts.views.own import OwnAccountView
from app.features.accounts.views.rights import RightsView
from app.features.accounts.views.roles import RoleView, SeeAsView
from app.kit.fab import Screen
from app.kit.i18n import _l

VIEWS = [
    Screen(OwnAccountView),
    Screen(ApiKeyView),
    Screen(AccountView, _l("Accounts"), "admin", "fa-users", order=10),
    Screen(RightsView, _l("Rights"), "admin", "fa-key", order=20),
    Screen(RoleView),
    Screen(SeeAsView, _l("See as"), "admin", "fa-eye", Verb.EDIT, order=25),
]

"""The screens of bonus."""

from app.domain.rights import Verb
from app.features.bonus.queries import has_own_lines, sees_pay_of_others
from app.features.bonus.views.batches import BatchView
from app.features.bonus.views.own import OwnAwardView
from app.features.bonus.views.scenarios import ScenarioView
from app.features.bonus.views.wages import WageView
from app.kit.fab import Screen
from app.kit.i18n import _l

VIEWS = [
    Screen(WageView, _l("Wages"), "assessment", "fa-table", Verb.VIEW, order=70, shown=sees_pay_of_others),
    Screen(BatchView, _l("Performance awards"), "assessment", "fa-money", order=75, shown=sees_pay_of_others),
    Screen(ScenarioView, _l("Award scenarios"), "assessment", "fa-balance-scale", order=80, shown=sees_pay_of_others),
    Screen(OwnAwardView, _l("My award"), "work", "fa-gift", order=80, shown=has_own_lines),
]

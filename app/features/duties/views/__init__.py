"""Pages of duties and leads."""

from __future__ import annotations

from app.domain.rights import Verb
from app.features.duties.views.exceptions import CertificateExceptionView
from app.features.duties.views.leads import LeadView
from app.features.duties.views.logs import LogView
from app.features.duties.views.my_period import MyPeriodView
from app.features.duties.views.periods import PeriodView
from app.features.duties.views.pickers import sees_others
from app.features.duties.views.registers import RegisterView
from app.features.duties.views.review import ReviewView
from app.features.duties.views.templates import DutyTemplateView
from app.features.duties.views.villages import VillageView
from app.kit.fab import Screen
from app.kit.i18n import _l

VIEWS = [
    Screen(MyPeriodView, _l("My duties"), "work", "fa-check-square-o", verb=Verb.SUBMIT, order=10),
    Screen(LeadView, _l("Leads"), "work", "fa-bullhorn", order=12),
    Screen(ReviewView, _l("Review of logs"), "work", "fa-gavel", verb=Verb.CONFIRM, order=14),
    Screen(VillageView, _l("Villages this month"), "work", "fa-map-o", order=16, shown=sees_others),
    Screen(PeriodView, _l("Months and completion"), "work", "fa-calendar", order=18, shown=sees_others),
    Screen(RegisterView, _l("Certificates and service cases"), "work", "fa-certificate", order=20, shown=sees_others),
    Screen(CertificateExceptionView),
    Screen(DutyTemplateView, _l("Duty templates"), "admin", "fa-tasks", order=62),
    Screen(LogView),
]

"""Every form carries what keeps a write safe: the token of the session, a key of its own, and the version of its row.

The list below names every POST route there is. A new one fails here until somebody has thought about it.
"""

from __future__ import annotations

import inspect
from itertools import islice
from typing import Any

import pytest
from factories.addresses import OPEN_EVERY_PAGE, addresses_of, rules_for
from factories.browsing import forms_of
from factories.strangers import make_strangers

from app.domain.rights import Role
from app.kit import access

VERSION = "the version of the row"
NEW = "makes something new: there is nothing it could write over"
SET = "sets what it names, whatever stood there before: done twice it is the same, and the trail tells both"
STEP = "a step its state allows once: whoever is second is told what the state is"
READ = "changes no record of its own; what it shows or hands out is in the trail"

ROUTES = {
    "ApiKeyView.keys": NEW,
    "ApiKeyView.revoke": SET,
    "ApiView.review": STEP,
    "ApiView.write": NEW,
    "AccountView.activate": SET,
    "AccountView.add": NEW,
    "AccountView.deactivate": SET,
    "AccountView.reset": SET,
    "AccountView.unlock": SET,
    "AccountView.reset_factor": SET,
    "AuditView.export": READ,
    "AuditView.verify": READ,
    "CertificateExceptionView.approve": VERSION,
    "CertificateExceptionView.new": NEW,
    "CertificateExceptionView.refuse": VERSION,
    "BatchView.approve": VERSION,
    "BatchView.decide": VERSION,
    "BatchView.export": READ,
    "BatchView.run": NEW,
    "BatchView.send_back": VERSION,
    "BinView.restore": STEP,
    "DeductionView.start": NEW,
    "DepartmentView.add": NEW,
    "DepartmentView.delete": "can be undone, with every value as it was when it went",
    "DepartmentView.edit": VERSION,
    "DraftView.attach": VERSION,
    "DraftView.create": NEW,
    "DraftView.detach": VERSION,
    "DraftView.remove": VERSION,
    "DraftView.save": VERSION,
    "DutyTemplateView.edit": VERSION,
    "EmploymentView.add": NEW,
    "EmploymentView.delete": "can be undone, with every value as it was when it went",
    "EmploymentView.edit": VERSION,
    "ExchangeView.cancel": STEP,
    "ExchangeView.confirm": STEP,
    "ExchangeView.export": READ,
    "ExchangeView.mend": STEP,
    "ExchangeView.settle": SET,
    "ExchangeView.upload": NEW,
    "ExportView.delete": STEP,
    "ExportView.download": READ,
    "ExportView.take_list": READ,
    "ExportView.take_table": READ,
    "FormChartView.move": STEP,
    "FormChartView.remove": "the chart is taken away; building it again takes a minute",
    "FormChartView.save": NEW,
    "FormDesignerView.bring_back": SET,
    "FormDesignerView.design_again": VERSION,
    "FormDesignerView.draft": "opens the one draft there is, or makes it",
    "FormDesignerView.new": NEW,
    "FormDesignerView.publish": VERSION,
    "FormDesignerView.retire": STEP,
    "FormDesignerView.save": VERSION,
    "FormDesignerView.settings": VERSION,
    "FormDesignerView.testing": VERSION,
    "FormDesignerView.withdraw": VERSION,
    "GovernanceListView.add": NEW,
    "GovernanceListView.delete": "can be undone, with every value as it was when it went",
    "GovernanceListView.edit": VERSION,
    "HistoryView.restore": VERSION,
    "IndicatorView.edit": VERSION,
    "IndicatorView.indicator": SET,
    "IndicatorView.new": NEW,
    "IndicatorView.remove": VERSION,
    "InspectionPlanView.add": NEW,
    "InspectionPlanView.delete": "can be undone, with every value as it was when it went",
    "InspectionPlanView.edit": VERSION,
    "IssueView.edit": VERSION,
    "IssueView.halt": VERSION,
    "IssueView.new": NEW,
    "IssueView.put_out": VERSION,
    "JobView.stop": STEP,
    "LeadView.report": NEW,
    "LeadView.step": VERSION,
    "LedgerView.save": VERSION,
    "ListChangeView.begin": NEW,
    "ListChangeView.decide": VERSION,
    "ListChangeView.opinion": VERSION,
    "ListChangeView.prepare": VERSION,
    "ListChangeView.propose": VERSION,
    "ListChangeView.roll_back": VERSION,
    "ListKindView.create": NEW,
    "ListKindView.save": VERSION,
    "ListItemView.add": NEW,
    "ListItemView.delete": "can be undone, with every value as it was when it went",
    "ListItemView.edit": VERSION,
    "LimitsView.held": VERSION,
    "LogView.comment": NEW,
    "LogView.confirm": VERSION,
    "LogView.return_log": VERSION,
    "MappingView.again": READ,
    "MappingView.filled": READ,
    "MappingView.plain": SET,
    "MappingView.retire": SET,
    "MappingView.save": NEW,
    "MappingView.use": SET,
    "MeaningView.withdraw": STEP,
    "MeetingPlanView.add": NEW,
    "MeetingPlanView.delete": "can be undone, with every value as it was when it went",
    "MeetingPlanView.edit": VERSION,
    "MergeView.merge": NEW,
    "MyPeriodView.hand_in": VERSION,
    "MyPeriodView.urge_done": SET,
    "MyPeriodView.withdraw": VERSION,
    "OfflineView.cancel": STEP,
    "OfflineView.choose": SET,
    "OfflineView.make": READ,
    "OfflineView.save": STEP,
    "OfflineView.upload": NEW,
    "OwnAccountView.end_session": SET,
    "OwnAccountView.password": "asks for the present password, which is the version",
    "OwnAccountView.second_factor": "asks for a code of the factor, which is the version",
    "PackView.export": READ,
    "PackView.load": STEP,
    "PackView.take_in": NEW,
    "PackView.update": STEP,
    "PaperView.check": READ,
    "PeriodView.close": STEP,
    "PeriodView.open": STEP,
    "PeriodView.allow_reopen": STEP,
    "PeriodView.refuse_reopen": STEP,
    "PeriodView.reopen": STEP,
    "PersonPageView.appoint": NEW,
    "PersonPageView.end_substitute": VERSION,
    "PersonPageView.end_post": VERSION,
    "PersonPageView.substitute": NEW,
    "PersonPageView.unmask": READ,
    "PersonView.add": NEW,
    "PersonView.delete": "can be undone, with every value as it was when it went",
    "PersonView.edit": VERSION,
    "PlateView.take_down": VERSION,
    "PlateView.village": STEP,
    "PostView.add": NEW,
    "PostView.delete": "can be undone, with every value as it was when it went",
    "PostView.edit": VERSION,
    "RankingView.decide_tie": VERSION,
    "RankingView.publish": VERSION,
    "RankingView.run_round": NEW,
    "RatingResultView.set_up": STEP,
    "RatingView.rate": VERSION,
    "ReceiptView.original": READ,
    "ReceiptView.undo": STEP,
    "RecordView.confirm": VERSION,
    "RecordView.edit": VERSION,
    "RecordView.new": NEW,
    "RecordView.remove": VERSION,
    "RecordView.return_record": VERSION,
    "RecordView.withdraw": VERSION,
    "RegisterView.save": VERSION,
    "ReviewView.confirm": VERSION,
    "ReviewView.return_logs": VERSION,
    "RightsView.redline": READ,
    "RightsView.role": READ,
    "RightsView.save": VERSION,
    "RoleView.copy": NEW,
    "RoleView.off": SET,
    "RoleView.on": SET,
    "RoleView.rename": SET,
    "RoundView.check": VERSION,
    "RoundView.correct": VERSION,
    "RoundView.new": NEW,
    "RoundView.publish": VERSION,
    "RoundView.send_back": VERSION,
    "RuleView.approve": VERSION,
    "RuleView.confirm_multipliers": "makes a proposal, whose difference a second person sees before it holds",
    "RuleView.refuse": VERSION,
    "RuleView.save": "makes a proposal, whose difference a second person sees before it holds",
    "SchemeAspectView.add": NEW,
    "SchemeAspectView.delete": "can be undone, with every value as it was when it went",
    "SchemeAspectView.edit": VERSION,
    "SchemeDeductionView.add": NEW,
    "SchemeDeductionView.delete": "can be undone, with every value as it was when it went",
    "SchemeDeductionView.edit": VERSION,
    "SchemeItemView.add": NEW,
    "SchemeItemView.delete": "can be undone, with every value as it was when it went",
    "SchemeItemView.edit": VERSION,
    "SchemeView.add": NEW,
    "SchemeView.delete": "can be undone, with every value as it was when it went",
    "SchemeView.edit": VERSION,
    "ScoreView.cells": VERSION,
    "SeeAsView.see": READ,
    "SheetView.deductions": NEW,
    "SheetView.edit_deduction": VERSION,
    "SheetView.exclude": VERSION,
    "SheetView.include": VERSION,
    "SheetView.waive": VERSION,
    "SignInView.login": "begins a session",
    "SignInView.second_step": "begins a session",
    "SignInView.logout": "ends a session",
    "TreeView.close": VERSION,
    "TreeView.merge": VERSION,
    "TreeView.move": VERSION,
    "UnitView.add": NEW,
    "UnitView.delete": "can be undone, with every value as it was when it went",
    "UnitView.edit": VERSION,
    "VillageView.urge": NEW,
    "WageView.save": VERSION,
}
# Sent again it gives the same again, and is meant to: a download, the way out.
FILES = ("/export/", "/exports/list/", "/exports/table/", "/exports/files/")
NO_KEY = ("/logout/", "/login/", "/export/", "/export")
# How a method of our own says that it looks at the version: by the row of the act, or by the module that compares.
LOOKS = ("row", "versions.", "was is None", "version=_version", "_entries(", "_act(", "_review(", "seen)")


def test_every_post_route_carries_a_version_or_says_why_not_c17(app: Any) -> None:
    found = {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    assert found - ROUTES.keys() == set(), "say for these routes whether they carry the version of a row"
    assert ROUTES.keys() - found == set(), "these routes are no more"


def test_the_methods_that_carry_a_version_compare_it_c17(app: Any) -> None:
    from app.kit.fab import PortalModelView

    views = {view.endpoint: type(view) for view in app.appbuilder.baseviews}
    for endpoint, what in ROUTES.items():
        view, method = endpoint.split(".")
        if what is VERSION and not issubclass(views[view], PortalModelView):
            source = inspect.getsource(inspect.unwrap(getattr(views[view], method)))
            by_act = "self.act(" in source and _fourth_argument(source)
            assert by_act or any(word in source for word in LOOKS), f"{endpoint} does not look at the version"


def _fourth_argument(source: str) -> bool:
    import ast
    import textwrap

    calls = (node for node in ast.walk(ast.parse(textwrap.dedent(source))) if isinstance(node, ast.Call))
    acts = [call for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr == "act"]
    return any(len(call.args) > 3 or any(k.arg == "row" for k in call.keywords) for call in acts)


@pytest.fixture
def rows(world: Any, session: Any) -> dict[str, int]:
    """A row of every scoped table, where every role may see it as far as it may at all."""
    places = {"township": "C1", "village": "C1A", "total_grid": "C1A-G1", "sub_grid": "C1A-G1-01", "county": "C"}
    with access.everything("the test makes a row of everything"):
        made = make_strangers({level: world.units[code] for level, code in places.items()}, "表单")
    return made | {"org_unit": world.units["C1A-G1-01"].id, "ab_user": world.users["grid_worker"].id}


@pytest.mark.parametrize("role", OPEN_EVERY_PAGE)
def test_every_post_form_of_every_page_has_its_token_and_its_key_c18(
    app: Any, world: Any, rows: dict[str, int], sign_in: Any, role: Role, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, seen = sign_in(role.value), 0
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)  # a made-up row may be none a page can show
    pages = (rule for rule in rules_for(app, "GET") if not rule.endpoint.startswith(("LookupView", "ChartView")))
    for rule in pages:
        for address in islice(addresses_of(app, rule, rows), 5):
            answer = browser.get(address)
            if answer.status_code != 200 or "html" not in answer.headers.get("Content-Type", ""):
                continue
            for form in forms_of(answer.text):
                if form.method != "post":
                    continue
                seen += 1
                assert form.values.get("csrf_token"), f"{address}: the form to {form.action} has no token"
                leads_to = (form.action or address).split("?")[0]
                if not leads_to.endswith(NO_KEY) and not any(part in leads_to for part in FILES):
                    assert form.values.get("request_key"), f"{address}: the form to {form.action} has no key"
    assert seen

"""What of reports waits for somebody: lines for the first page."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from app.domain.reports import IssueState
from app.domain.rights import Resource, Verb
from app.features.duties.queries import TodoLine
from app.features.reports.models import ReportIssue
from app.features.reports.queries.owed import my_reports
from app.kit import access
from app.kit.db import db
from app.kit.i18n import _l
from app.kit.two_persons import is_other


def my_todo(actor: access.Actor, today: date) -> list[TodoLine]:
    """Reports to hand in whose period is over, and drafts that wait for a second person."""
    if actor.is_operator or not access.holds(Resource.RECORDS):
        return []
    return [line for line in (*_owed(today), *_drafts(actor)) if line.count]


def _owed(today: date) -> list[TodoLine]:
    owed = [one for one in my_reports() if one.standing in ("overdue", "due", "returned")]
    if not owed:
        return []
    first = min(one.due_on for one in owed)
    urgency = "overdue" if first < today else "soon" if (first - today).days <= 3 else "calm"
    return [TodoLine(_l("Reports to hand in"), len(owed), first, "OwedView.mine", {}, urgency)]


def _drafts(actor: access.Actor) -> list[TodoLine]:
    if not actor.holds(Resource.RECORDS, Verb.APPROVE):
        return []
    statement = access.visible(select(ReportIssue), ReportIssue, Verb.APPROVE)
    rows = db.session.scalars(statement.where(ReportIssue.state == IssueState.DRAFT)).all()
    waiting = [row for row in rows if is_other([row.made_by])]
    label = _l("Reports that wait to be issued")
    return [TodoLine(label, len(waiting), None, "IssueView.issues", {"state": "draft"}, "soon")]

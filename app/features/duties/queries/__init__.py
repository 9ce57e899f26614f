"""Reading duties, periods, leads and what is still owed."""

from app.features.duties.queries.completion import CompletionCell, VillageTotals, completion, monthly_totals
from app.features.duties.queries.holding import holders_of, is_mine, persons_of
from app.features.duties.queries.leads import events_of, leads_seen, responsible_candidates
from app.features.duties.queries.periods import (
    closed_row,
    default_period,
    period_choices,
    period_rows,
    townships_of,
    townships_where,
)
from app.features.duties.queries.todo import TodoLine, first_owed_period, my_todo
from app.features.duties.queries.work import (
    comments_of,
    duties_below,
    history_of,
    last_answers,
    logs_to_review,
    my_duties,
    open_urges,
    references_for,
    who_owes,
)

__all__ = [
    "CompletionCell",
    "TodoLine",
    "VillageTotals",
    "closed_row",
    "comments_of",
    "completion",
    "default_period",
    "duties_below",
    "events_of",
    "first_owed_period",
    "history_of",
    "holders_of",
    "is_mine",
    "last_answers",
    "leads_seen",
    "logs_to_review",
    "monthly_totals",
    "my_duties",
    "my_todo",
    "open_urges",
    "period_choices",
    "period_rows",
    "persons_of",
    "references_for",
    "responsible_candidates",
    "townships_of",
    "townships_where",
    "who_owes",
]

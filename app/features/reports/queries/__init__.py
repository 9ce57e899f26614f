"""Reading reports: issues, who owes them, what all forms together ask, the limits that hold."""

from app.features.reports.queries.owed import Owed, my_reports, standings
from app.features.reports.queries.todo import my_todo

__all__ = ["Owed", "my_reports", "my_todo", "standings"]

"""Changing reports and the limits on burdens."""

from app.features.reports.services.issues import Draft, change_draft, draft_report, halt_report, issue_report
from app.features.reports.services.limits import save_limits
from app.features.reports.services.merging import merge_reports

__all__ = ["Draft", "change_draft", "draft_report", "halt_report", "issue_report", "merge_reports", "save_limits"]

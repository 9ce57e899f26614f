"""Changing duties: periods, logs, review, urging, leads, and the monthly log of a workbook."""

from app.features.duties.services.exceptions import (
    approve_exception,
    ask_exception,
    certificate_decision,
    refuse_exception,
)
from app.features.duties.services.leads import (
    accept_lead,
    assign_lead,
    close_lead,
    discuss_lead,
    feed_back_lead,
    merge_lead,
    reopen_lead,
    report_again,
    report_lead,
    return_lead,
    start_lead,
    verify_lead,
)
from app.features.duties.services.locking import allow_reopen, ask_reopen, close_period, refuse_reopen, waits
from app.features.duties.services.monthly_log import monthly_log_context, monthly_log_rows
from app.features.duties.services.monthly_saving import save_monthly_logs
from app.features.duties.services.opening import OpenedPeriod, open_period
from app.features.duties.services.pack import load_duty_pack, load_missing_packs
from app.features.duties.services.registers import keep_register, save_registers
from app.features.duties.services.review import Outcome, comment, confirm, return_duty
from app.features.duties.services.urging import urge, urge_done, urge_lead
from app.features.duties.services.writing import Entry, nothing_this_period, save_draft, submit, submit_ready, withdraw

__all__ = [
    "Entry",
    "OpenedPeriod",
    "Outcome",
    "accept_lead",
    "allow_reopen",
    "approve_exception",
    "ask_exception",
    "ask_reopen",
    "assign_lead",
    "certificate_decision",
    "close_lead",
    "close_period",
    "comment",
    "confirm",
    "discuss_lead",
    "feed_back_lead",
    "keep_register",
    "load_duty_pack",
    "load_missing_packs",
    "merge_lead",
    "monthly_log_context",
    "monthly_log_rows",
    "nothing_this_period",
    "open_period",
    "reopen_lead",
    "refuse_exception",
    "refuse_reopen",
    "report_again",
    "report_lead",
    "return_duty",
    "return_lead",
    "save_draft",
    "save_monthly_logs",
    "save_registers",
    "start_lead",
    "submit",
    "submit_ready",
    "urge",
    "urge_done",
    "urge_lead",
    "verify_lead",
    "waits",
    "withdraw",
]

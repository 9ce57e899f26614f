"""Changing schemes, rounds, scores and deductions. One verb, one transaction."""

from app.features.assessment.services.deductions import edit_deduction, record_deduction, waive_deduction
from app.features.assessment.services.rounds import check_round, correct_round, open_round, publish_round, return_round
from app.features.assessment.services.schemes import load_pack_schemes, load_scheme
from app.features.assessment.services.scores import (
    CellChange,
    CellInput,
    exclude_village,
    include_village,
    preview_scores,
    save_scores,
    set_not_applicable,
)
from app.features.assessment.services.workbook import save_score_rows, score_context, score_rows
from app.features.assessment.snapshot import recomputed

__all__ = [
    "CellChange",
    "CellInput",
    "check_round",
    "correct_round",
    "edit_deduction",
    "exclude_village",
    "include_village",
    "load_pack_schemes",
    "load_scheme",
    "open_round",
    "preview_scores",
    "publish_round",
    "recomputed",
    "record_deduction",
    "return_round",
    "save_score_rows",
    "save_scores",
    "score_context",
    "score_rows",
    "set_not_applicable",
    "waive_deduction",
]

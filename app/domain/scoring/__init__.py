"""Scoring of one village (or sub-grid) in one round: facts to points, points to totals, with every line explained.

Ranks and money do not belong here. Source: bonus_rules §2; the assessment list of Caojing.
"""

from app.domain.scoring.checks import check_scheme
from app.domain.scoring.deductions import occurrence_points
from app.domain.scoring.items import item_line, item_points, parse_cell
from app.domain.scoring.parts import (
    FULL,
    RULE_VERSION,
    Aspect,
    AspectScore,
    Calc,
    DeductionItem,
    DeductionLine,
    Fact,
    Item,
    ItemLine,
    Level,
    Occurrence,
    OccurrenceLine,
    Scheme,
    Score,
    Status,
)
from app.domain.scoring.periods import combined, mean_score, merged_score
from app.domain.scoring.village import village_score

__all__ = [
    "FULL",
    "RULE_VERSION",
    "Aspect",
    "AspectScore",
    "Calc",
    "DeductionItem",
    "DeductionLine",
    "Fact",
    "Item",
    "ItemLine",
    "Level",
    "Occurrence",
    "OccurrenceLine",
    "Scheme",
    "Score",
    "Status",
    "check_scheme",
    "combined",
    "item_line",
    "item_points",
    "mean_score",
    "merged_score",
    "occurrence_points",
    "parse_cell",
    "village_score",
]

"""Awards of village workers: wage base × multiplier of the band × months served, to the cent; amounts in capitals.

Which band a village stands in comes from ranking.py.
"""

from app.domain.bonus.award_lines import (
    RULE_VERSION,
    Award,
    Awards,
    Claim,
    PayStatus,
    Segment,
    SegmentLine,
    Wages,
    annual_income,
    award_of,
    awards,
    check_approvable,
    differences,
    largest_remainder,
    months_served,
    multiplier,
)
from app.domain.bonus.capitals import chinese_amount, parse_chinese_amount

__all__ = [
    "RULE_VERSION",
    "Award",
    "Awards",
    "Claim",
    "PayStatus",
    "Segment",
    "SegmentLine",
    "Wages",
    "annual_income",
    "award_of",
    "awards",
    "check_approvable",
    "chinese_amount",
    "differences",
    "largest_remainder",
    "months_served",
    "multiplier",
    "parse_chinese_amount",
]

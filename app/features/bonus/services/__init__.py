"""Changing wages and award batches. Views, commands and neighbours import from here."""

from app.features.bonus.services.approval import (
    approve_batch,
    decide_held,
    exported,
    return_batch,
    write_back_paid,
)
from app.features.bonus.services.batches import award_scenario, batch_config, is_recomputable, run_batch
from app.features.bonus.services.paybook import save_pay_rows
from app.features.bonus.services.wages import WageRow, save_wages, set_gate

__all__ = [
    "WageRow",
    "approve_batch",
    "award_scenario",
    "batch_config",
    "decide_held",
    "exported",
    "is_recomputable",
    "return_batch",
    "run_batch",
    "save_pay_rows",
    "save_wages",
    "set_gate",
    "write_back_paid",
]

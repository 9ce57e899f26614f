"""Changing wages and award batches. Views, commands and neighbours import from here."""

from app.features.bonus.services.batches import (
    approve_batch,
    batch_config,
    decide_held,
    gathered,
    is_recomputable,
    mark_exported,
    return_batch,
    run_batch,
    scenario,
    write_back_paid,
)
from app.features.bonus.services.paybook import save_pay_rows
from app.features.bonus.services.wages import WageRow, save_wages, set_gate

__all__ = [
    "WageRow",
    "approve_batch",
    "batch_config",
    "decide_held",
    "gathered",
    "is_recomputable",
    "mark_exported",
    "return_batch",
    "run_batch",
    "save_pay_rows",
    "save_wages",
    "scenario",
    "set_gate",
    "write_back_paid",
]

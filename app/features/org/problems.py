"""The sentences of org."""

from __future__ import annotations

from app.domain.errors import Problem
from app.kit.i18n import _l

SENTENCES = {
    "org.code_taken": _l("The code “%(code)s” belongs to another unit already."),
    "org.not_json": _l("The file does not hold units in JSON."),
}
CONSTRAINTS = {
    "org_unit.code": Problem("org.code_taken", "code"),
    "org_unit_code_key": Problem("org.code_taken", "code"),
}

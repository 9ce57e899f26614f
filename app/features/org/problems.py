"""The sentences of org."""

from __future__ import annotations

from app.domain.errors import Problem
from app.kit.i18n import _l

SENTENCES = {
    "org.code_taken": _l("The code “%(code)s” belongs to another unit already."),
    "org.department_level": _l("A department belongs to a prefecture, a county or a township: choose one."),
    "org.department_taken": _l("The unit has a department of this code already; choose another code."),
    "org.not_json": _l("The file does not hold units in JSON."),
}
CONSTRAINTS = {
    "department.unit_id, department.code": Problem("org.department_taken", "code"),
    "uq_department_unit_id_code": Problem("org.department_taken", "code"),
    "org_unit.code": Problem("org.code_taken", "code"),
    "org_unit_code_key": Problem("org.code_taken", "code"),
}

"""What forms tells the kit."""

from __future__ import annotations

from app.features.forms.machine import schemas
from app.features.forms.problems import CONSTRAINTS, SENTENCES
from app.features.forms.record_problems import CONSTRAINTS as RECORD_CONSTRAINTS
from app.features.forms.record_problems import SENTENCES as RECORD_SENTENCES
from app.features.forms.workbook_problems import SENTENCES as WORKBOOK_SENTENCES
from app.kit import openapi, problems


def register() -> None:
    """The sentences of forms."""
    problems.register({**SENTENCES, **RECORD_SENTENCES, **WORKBOOK_SENTENCES})
    problems.register_constraints({**CONSTRAINTS, **RECORD_CONSTRAINTS})
    openapi.register_schemas(schemas)

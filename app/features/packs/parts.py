"""What a pack is made of, part by part: how each is loaded at a unit, and how what stands there is read back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.domain.packs import Pack
from app.features.checklists.models import GovernanceList, ListKindDefinition
from app.features.checklists.services import kind_as_data, list_as_data, load_kind, load_list
from app.features.forms.models import Form
from app.features.forms.services import form_as_data, load_form
from app.features.packs import caojing
from app.features.procedures.models import ProcedureDefinition
from app.features.procedures.services import load_procedure, procedure_as_data
from app.features.reviews.models import Indicator
from app.features.reviews.services import indicator_as_data, load_indicator
from app.kit import access
from app.kit.db import db

Data = Mapping[str, Any]


@dataclass(frozen=True)
class Part:
    """One of domain.packs.PARTS: `load(unit, data, pack)` makes or changes one thing, `as_data` reads one back."""

    model: type[Any]
    load: Callable[[Any, Data, str], Any]
    as_data: Callable[[Any], Data]

    def here(self, unit: Any, codes: Sequence[str]) -> dict[str, Data]:
        """What stands at a unit under these codes, as data; of a list the version in force."""
        return {row.code: self.as_data(row) for row in self.rows(unit) if row.code in set(codes)}

    def codes_at(self, unit_ids: Sequence[int]) -> set[str]:
        """The codes of what stands at units without a pack having brought it."""
        statement = select(self.model.code).where(self.model.unit_id.in_(unit_ids), self.model.pack.is_(None))
        if self.model is GovernanceList:
            statement = statement.where(GovernanceList.state == "published")
        return set(db.session.scalars(statement))

    def rows(self, unit: Any) -> Sequence[Any]:
        """The rows of the unit itself, in order."""
        statement = select(self.model).where(self.model.unit_id == unit.id)
        if self.model is GovernanceList:
            statement = statement.where(GovernanceList.state == "published").order_by(GovernanceList.number)
        if self.model is Form:
            statement = statement.where(Form.state == "active")
        return db.session.scalars(access.visible(statement, self.model).order_by(self.model.id)).all()


PARTS: Mapping[str, Part] = {
    "kinds": Part(ListKindDefinition, load_kind, kind_as_data),
    "lists": Part(GovernanceList, load_list, list_as_data),
    "procedures": Part(ProcedureDefinition, load_procedure, procedure_as_data),
    "forms": Part(Form, load_form, form_as_data),
    "indicators": Part(Indicator, load_indicator, indicator_as_data),
}


def data_of(pack: Pack, part: str, code: str) -> Data:
    """One thing of a pack as its loader takes it: a procedure with the bodies that take part."""
    data = next(one for one in pack.part(part) if one["code"] == code)
    return {"bodies": list(pack.bodies), **data} if part == "procedures" else data


def stands_already(pack: Pack, part: str) -> bool:
    """Whether every installation has this part of the pack from the start, with more than the pack's face says of it."""
    return pack.code == caojing.CODE and part in ("lists", "procedures")

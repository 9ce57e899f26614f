"""The flow of an item as a diagram, and where a matter goes by its amount."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from flask import current_app

from app.domain.formspec import Label
from app.domain.list_kinds import MOST_STEPS, tier_of
from app.domain.procedures import Alternative, Node, Procedure, Step
from app.features.checklists.models import ListItem
from app.kit import names
from app.kit.drawing import Drawing, Words, draw
from app.kit.i18n import _

WIDE, NARROW = 956, 326  # what screens of 1280 and 390 pixels leave inside a card


def most_steps() -> int:
    """About how many steps are enough for all but major matters, as this installation has it."""
    return int(current_app.config.get("LIST_STEPS_MOST", MOST_STEPS))


def drawings(item: ListItem) -> tuple[Drawing, Drawing] | None:
    """The flow of an item for a wide and for a narrow screen; None where it has no steps."""
    groups = _groups(item)
    if not groups:
        return None
    steps = tuple(_step(number, group) for number, group in enumerate(groups, start=1))
    procedure = Procedure(item.code, Label(item.title, "", ""), steps)
    words = _words({box: step for group in groups for box, step in _boxes(group)})
    return draw(procedure, words, across=True, width=WIDE), draw(procedure, words, across=False, width=NARROW)


def _groups(item: ListItem) -> list[list[tuple[int, Mapping[str, Any]]]]:
    """The steps with their places; one that runs together with the step before it (同步) stands in its group."""
    groups: list[list[tuple[int, Mapping[str, Any]]]] = []
    for place, step in enumerate(item.steps or ()):
        if step.get("together") and groups:
            groups[-1].append((place, step))
        else:
            groups.append([(place, step)])
    return groups


def _boxes(group: list[tuple[int, Mapping[str, Any]]]) -> list[tuple[str, Mapping[str, Any]]]:
    return [(f"s{place}", step) for place, step in group]


def _step(order: int, group: list[tuple[int, Mapping[str, Any]]]) -> Step:
    boxes = _boxes(group)
    beside = tuple(Alternative(code, _label(step), _who(step)) for code, step in boxes) if len(boxes) > 1 else ()
    first = boxes[0][1]
    return Step(
        order=order,
        code=boxes[0][0],
        name=_label(first),
        roles=tuple(first.get("roles") or ()),
        key_step=any(step.get("key") for _code, step in boxes),
        alternatives=beside,
    )


def _label(step: Mapping[str, Any]) -> Label:
    return Label(str(step["name"]), "", "")


def _who(step: Mapping[str, Any]) -> str:
    return "、".join(str(role_name(role)) for role in step.get("roles") or ())


def role_name(code: str) -> str:
    """Who takes a step: the name of a role, or the body as it was written."""
    return str(names.roles().get(code, code))


def _words(steps: Mapping[str, Mapping[str, Any]]) -> Words:
    def times(node: Node) -> list[str]:
        step = steps[node.code]
        said = [_("within %(days)s days", days=step["time_limit_days"])] if step.get("time_limit_days") else []
        said += [_("Integrity risk: %(risk)s", risk=step["risk"])] if step.get("risk") else []
        return [str(words) for words in said]

    return Words(
        role=role_name,
        step=lambda node: str(steps[node.code]["name"]),
        times=times,
        key_step=str(_("Key step")),
        companion=str,
    )


def amount_of(typed: str) -> Decimal | None:
    """An amount in yuan as somebody typed it, None where it is none."""
    try:
        amount = Decimal(typed.strip().replace(",", "").replace("，", ""))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and 0 <= amount < Decimal(10) ** 15 else None


def tiers_of(item: ListItem, amount: Decimal | None) -> list[tuple[Mapping[str, Any], str]]:
    """Each threshold of an item, and where a matter of the amount asked goes ("" where none was asked)."""
    return [(one, tier_of(amount, one) if amount is not None else "") for one in item.thresholds or ()]

"""The wage screen: a village, a range of months, and a table made for the keyboard."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import expose

from app.domain.errors import Problem, RuleBroken
from app.domain.rights import Resource, Verb
from app.features.bonus import queries, services
from app.features.bonus.words import PARTS
from app.kit import access, clock, versions
from app.kit.db import transaction
from app.kit.fab import PortalPageView, guarded
from app.kit.i18n import _
from app.kit.problems import sentence


class WageView(PortalPageView):
    """Wages of the persons of a village by month."""

    route_base = "/wages"
    default_view = "wages"
    resource = Resource.PAY

    @expose("/")
    @guarded(Verb.VIEW)
    def wages(self) -> Any:
        return self._page(request.args)

    @expose("/save", methods=["POST"])
    @guarded(Verb.EDIT)
    def save(self) -> Any:
        village, year, first, last = _asked(request.form)
        if village is None:
            abort(404)
        try:
            with transaction():
                versions.hold(village)  # one writer at a time: nothing comes between look and write
                rows = _typed_rows(queries.wage_lines(village, year, first, last), year, first, last)
                count = services.save_wages(rows)
        except RuleBroken as refusal:
            changed = any(problem.code == "bonus.wage_changed" for problem in refusal.problems)
            return self._page(request.form, refusal.problems), 409 if changed else 422
        flash(_("Saved: the wages of %(count)s months were written.", count=count), "success")
        return redirect(url_for("WageView.wages", village=village.code, year=year, first=first, last=last))

    def _page(self, values: Any, problems: Any = ()) -> Any:
        village, year, first, last = _asked(values)
        villages = queries.villages_in_reach()
        if village is None and values.get("village"):
            abort(404)
        village = village or (villages[0] if villages else None)
        return self.render_template(
            "bonus/templates/wages.html",
            title=_("Wages"),
            villages=villages,
            village_choices=[(v.code, v.name) for v in villages],
            village=village,
            year=year,
            first=first,
            last=last,
            months=[(m, m) for m in range(1, 13)],
            lines=queries.wage_lines(village, year, first, last) if village else [],
            parts=list(PARTS.items()),
            typed=dict(request.form) if problems else {},
            errors={problem.where: sentence(problem) for problem in problems},
            problems=[(f"w-{problem.where.replace('/', '-')}", sentence(problem)) for problem in problems],
            may_edit=village is not None and access.can_at(Verb.EDIT, Resource.PAY, village),
        )


def _asked(values: Any) -> tuple[Any, int, int, int]:
    """The village within reach, the year and the months asked for; sensible ones for what makes no sense."""
    village = queries.village_in_reach(values.get("village", ""))
    year = _whole(values.get("year"), 2000, 2999, clock.today().year)
    first = _whole(values.get("first"), 1, 12, 1)
    return village, year, first, max(first, _whole(values.get("last"), 1, 12, 12))


def _whole(text: str | None, least: int, most: int, otherwise: int) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 5 and least <= int(text) <= most else otherwise


def _typed_rows(lines: Any, year: int, first: int, last: int) -> list[services.WageRow]:
    """What was typed in the rows that were touched; an untouched row keeps wages that differ by month."""
    rows: list[services.WageRow] = []
    problems: list[Problem] = []
    for line in lines:
        names = {part: f"w-{line.employment.id}-{part}" for part in PARTS}
        texts = {part: request.form.get(name, "").strip() for part, name in names.items()}
        shown = {part: "" if value is None else str(value) for part, value in line.parts.items()}
        untouched = texts == shown and "every" not in request.form
        if untouched or not any(name in request.form for name in names.values()):
            continue
        if request.form.get(f"version-{line.employment.id}") != line.stamp:
            if texts == _seen(line.employment.id):
                continue  # changed by somebody else, not by him
            stored = " / ".join(text or "—" for text in shown.values())
            problems.append(
                Problem("bonus.wage_changed", f"{line.employment.id}/{next(iter(PARTS))}", {"stored": stored})
            )
            continue
        parts = {part: _money(text, f"{line.employment.id}/{part}", problems) for part, text in texts.items()}
        months = queries.months_in_force(line.employment, queries.year_months(year, first, last))
        rows.append(services.WageRow(line.employment.id, months, parts if any(texts.values()) else None))
    if problems:
        raise RuleBroken(problems)
    return rows


def _seen(employment_id: int) -> dict[str, str]:
    """What stood in a row when the page was opened."""
    return dict(zip(PARTS, request.form.get(f"seen-{employment_id}", "").split("|"), strict=False))


def _money(text: str, where: str, problems: list[Problem]) -> Decimal | None:
    if not text:
        return None
    try:
        value = Decimal(text.replace(",", "").replace("，", ""))
        if value.is_finite():
            return value
    except InvalidOperation:
        pass
    problems.append(Problem("answer.not_a_number", where))
    return None

"""Award batches: computed, looked through line by line, approved, exported, printed."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose

from app.domain.bonus import chinese_amount
from app.domain.errors import Problem, RuleBroken
from app.domain.rights import Resource, Verb
from app.features.bonus import queries, services, words
from app.features.bonus.excel import pay_workbook
from app.features.bonus.models import BonusBatch, PayLine
from app.features.ranking.frozen import problems_from_data
from app.features.ranking.models import RankingRun
from app.features.ranking.queries import lines_of as ranking_lines
from app.features.ranking.queries import runs_in_reach
from app.features.ranking.words import BAND_TONES, BANDS, band_word
from app.kit import access, audit, clock, versions
from app.kit.download import workbook
from app.kit.fab import PortalPageView, guarded
from app.kit.i18n import _
from app.kit.jinja import number
from app.kit.problems import flash_all, sentence

PAGE = 50
ZERO = Decimal(0)


class BatchView(PortalPageView):
    """Batches of performance awards and their pay lines."""

    route_base = "/award-batches"
    default_view = "index"
    resource = Resource.PAY

    @expose("/")
    @guarded(Verb.VIEW)
    def index(self) -> Any:
        runs = [r for r in runs_in_reach() if r.state == "published" and access.can_at(Verb.EDIT, Resource.PAY, r.unit)]
        return self.render_template(
            "bonus/templates/batches.html",
            title=_("Performance awards"),
            batches=queries.batches_in_reach(),
            runs=runs,
            states=words.STATES,
            state_tones=words.STATE_TONES,
            money=lambda text: number(Decimal(text)),
        )

    @expose("/run", methods=["POST"])
    @guarded(Verb.EDIT)
    def run(self) -> Any:
        try:
            run = access.find(RankingRun, request.form.get("run", type=int), Verb.VIEW)
            budget = request.form.get("budget_limit", "").strip()
            overrides = {"budget_limit": budget} if budget else {}
            batch = services.run_batch(run, overrides=overrides, reason=request.form.get("reason"))
        except RuleBroken as refusal:
            flash_all(refusal.problems)
            return redirect(url_for("BatchView.index"))
        flash(_("The awards were computed. Check them; another person approves the batch."), "success")
        return redirect(url_for("BatchView.show", batch_id=batch.id))

    @expose("/<int:batch_id>")
    @guarded(Verb.VIEW)
    def show(self, batch_id: int) -> Any:
        batch = queries.find_batch(batch_id)
        every = queries.lines_of(batch)
        village, band = request.args.get("village", ""), request.args.get("band", "")
        chosen = [line for line in every if village in ("", line.unit.code) and band in ("", line.band)]
        page = max(1, request.args.get("page", 1, type=int) or 1)
        return self.render_template(
            "bonus/templates/batch.html",
            title=_("Awards of %(year)s, batch %(number)s", year=batch.year, number=batch.number),
            batch=batch,
            totals=totals_of(every, batch),
            whole=access.can(Verb.VIEW, batch),
            warnings=[sentence(p) for p in problems_from_data(batch.summary["warnings"])],
            lines=chosen[(page - 1) * PAGE : page * PAGE],
            page=page,
            pages=-(-len(chosen) // PAGE),
            count=len(chosen),
            village=village,
            band=band,
            villages=list({line.unit.code: line.unit.name for line in every}.items()),
            differences=[line for line in every if line.difference],
            own_pay=queries.own_lines_in(batch),
            **_words(),
        )

    @expose("/<int:batch_id>/lines/<int:line_id>")
    @guarded(Verb.VIEW)
    def line(self, batch_id: int, line_id: int) -> Any:
        return self._line_page(_line(batch_id, line_id))

    def _line_page(self, line: PayLine, problems: Sequence[Problem] = ()) -> Any:
        return self.render_template(
            "bonus/templates/line.html",
            title=_("Award of %(name)s", name=line.person.name),
            line=line,
            batch=line.batch,
            problems=[(problem.where, sentence(problem)) for problem in problems],
            counted="、".join(str(words.PARTS[part]) for part in line.batch.policy["wage_components"]),
            may_decide=line.status == "held" and line.batch.state in queries.SETTLED and access.can(Verb.APPROVE, line),
            **_words(),
        )

    @expose("/<int:batch_id>/lines/<int:line_id>/decide", methods=["POST"])
    @guarded(Verb.APPROVE)
    def decide(self, batch_id: int, line_id: int) -> Any:
        line = _line(batch_id, line_id)
        try:
            with versions.unchanged(line):
                services.decide_held(line, _amount(request.form.get("amount", "")), request.form.get("reason", ""))
        except RuleBroken as refusal:
            return self._line_page(line, refusal.problems), 422
        flash(_("The decision on the held award is recorded."), "success")
        return redirect(url_for("BatchView.line", batch_id=batch_id, line_id=line_id))

    @expose("/<int:batch_id>/approve", methods=["POST"])
    @guarded(Verb.APPROVE)
    def approve(self, batch_id: int) -> Any:
        batch = access.find(BonusBatch, batch_id, Verb.APPROVE)
        back = url_for("BatchView.show", batch_id=batch_id)
        return self.act(lambda: services.approve_batch(batch), _("The batch is approved."), back, batch)

    @expose("/<int:batch_id>/return", methods=["POST"])
    @guarded(Verb.APPROVE)
    def send_back(self, batch_id: int) -> Any:
        batch = access.find(BonusBatch, batch_id, Verb.APPROVE)
        reason = request.form.get("reason", "")
        back = url_for("BatchView.show", batch_id=batch_id)
        return self.act(lambda: services.return_batch(batch, reason), _("The batch was sent back."), back, batch)

    @expose("/<int:batch_id>/export", methods=["POST"])
    @guarded(Verb.EXPORT)
    def export(self, batch_id: int) -> Any:
        batch = queries.find_batch(batch_id)
        rows, meta = services.exported(batch, _area(batch))
        name = f"{batch.year}年度村（居）工作者绩效奖励发放表.xlsx"
        return workbook(pay_workbook(rows, meta), name)

    @expose("/<int:batch_id>/payroll")
    @guarded(Verb.EXPORT)
    def payroll(self, batch_id: int) -> Any:
        batch = queries.find_batch(batch_id)
        with audit.acting("bonus.payroll"):
            audit.record_apart("view", "bonus_batch", batch.id, {"year": batch.year, "state": batch.state}, must=True)
        rows = queries.batch_rows(batch)
        total = sum((row["award_due"] for row in rows), ZERO)
        return self.render_template(
            "bonus/templates/payroll.html",
            title=_("Payroll sheet"),
            batch=batch,
            rows=rows,
            total=total,
            paid=sum((row["award_paid"] or ZERO for row in rows), ZERO),
            in_words=chinese_amount(total),
            made_on=clock.today(),
            area=_area(batch),
            plain=plain,
        )

    @expose("/<int:batch_id>/notice")
    @guarded(Verb.VIEW)
    def notice(self, batch_id: int) -> Any:
        batch = access.find(BonusBatch, batch_id, Verb.VIEW)
        run = batch.ranking_run
        names = {village["unit_id"]: village for village in run.inputs}
        lines = [(line, names[line.village_unit_id]) for line in ranking_lines(run) if line.band == "bottom"]
        return self.render_template(
            "bonus/templates/notice.html",
            title=_("Circular on the bottom band"),
            batch=batch,
            run=run,
            lines=lines,
            word=band_word("bottom", run.policy),
            may_issue=batch.state in queries.SETTLED or not batch.policy["notice_requires_approval"],
            made_on=clock.today(),
        )


def _line(batch_id: int, line_id: int) -> PayLine:
    line = queries.find_line(line_id)
    if line.batch_id != batch_id:
        raise access.NotAllowed(Resource.PAY, Verb.VIEW, hidden=True)
    return line


def plain(value: Decimal) -> str:
    """A number without needless zeros: 2.5000 is 2.5."""
    return format(value.normalize(), "f")


def _words() -> dict[str, Any]:
    return {
        "plain": plain,
        "bands": BANDS,
        "band_tones": BAND_TONES,
        "word": band_word,
        "states": words.STATES,
        "state_tones": words.STATE_TONES,
        "line_states": words.LINE_STATES,
        "line_tones": words.LINE_TONES,
        "parts": words.PARTS,
    }


def _amount(text: str) -> Decimal:
    try:
        value = Decimal(text.strip().replace(",", "").replace("，", ""))
        if value.is_finite():
            return value
    except InvalidOperation:
        pass
    raise RuleBroken(Problem("answer.not_a_number", "amount"))


def _area(batch: BonusBatch) -> str:
    """Whose payroll it is: the unit of the batch, or the village or township whose lines alone the reader may see."""
    return str(batch.unit.name) if access.can(Verb.VIEW, batch) else queries.common_unit_name(queries.lines_of(batch))


def totals_of(lines: Sequence[PayLine], batch: BonusBatch) -> dict[str, Any]:
    """Persons and awards by band, and all together, of the lines the reader sees."""
    bands: dict[str, dict[str, Any]] = {band: {"persons": 0, "award": ZERO} for band in BANDS}
    for line in lines:
        bands[line.band]["persons"] += bool(line.segments)
        for segment in line.segments:
            bands[segment["band"]]["award"] += Decimal(segment["award"])
    return {
        "bands": {band: one for band, one in bands.items() if one["persons"] or one["award"]},
        "persons": sum(bool(line.segments) for line in lines),
        "award": sum((line.award for line in lines), ZERO),
        "payable": sum((line.payable_now for line in lines), ZERO),
        "held": sum((line.award for line in lines if line.status == "held"), ZERO),
        "paid": sum((line.paid or ZERO for line in lines), ZERO),
        "difference": sum((line.difference or ZERO for line in lines), ZERO),
    }

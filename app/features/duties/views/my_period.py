"""本期待办: one page for everything a post owes this month."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose

from app.domain.errors import Problem, RuleBroken, broken
from app.domain.rights import Resource, Verb
from app.domain.transitions import DutyState
from app.features.duties import queries, services
from app.features.duties.models import Duty, Urge
from app.features.duties.queries.work import HANDED_IN, OWED
from app.features.duties.views.pickers import chosen_period, period_links
from app.features.duties.words import DUTY_WORDS
from app.features.forms.queries import spec_of
from app.features.forms.records import RecordForm, Shown, record_form, typed_answers
from app.kit import access, names
from app.kit.fab import PortalPageView, guarded
from app.kit.i18n import _
from app.kit.problems import sentence


@dataclass(frozen=True)
class Card:
    """One duty on the page: what is asked, what stands in it, what was wrong with it."""

    duty: Duty
    record: RecordForm
    version: int
    nothing: bool = False
    problems: tuple[str, ...] = ()

    @property
    def prefix(self) -> str:
        """What the names of its inputs begin with."""
        return f"d{self.duty.id}-"


class MyPeriodView(PortalPageView):
    """The duties of a month in cards: fill in, take over last month's values, 本期无, save, hand in."""

    route_base = "/duties"
    resource = Resource.DUTIES
    default_view = "my_period"

    @expose("/")
    @guarded(Verb.SUBMIT)
    def my_period(self) -> Any:
        first = None if request.args.get("period") else queries.first_owed_period()
        return self._page(first or chosen_period(), fill_last=request.args.get("fill") == "last")

    @expose("/", methods=["POST"])
    @guarded(Verb.SUBMIT)
    def hand_in(self) -> Any:
        period = chosen_period()
        entries = _entries(queries.my_duties(period), request.form)
        try:
            _hand_in(request.form.get("act", "draft"), entries)
        except RuleBroken as refusal:
            changed = any(problem.code == "conflict" for problem in refusal.problems)
            return self._page(period, typed=request.form, problems=refusal.problems), 409 if changed else 422
        return redirect(url_for("MyPeriodView.my_period", period=period))

    @expose("/<int:duty_id>/withdraw", methods=["POST"])
    @guarded(Verb.SUBMIT)
    def withdraw(self, duty_id: int) -> Any:
        duty = access.find(Duty, duty_id, Verb.SUBMIT)
        back = url_for("MyPeriodView.my_period", period=duty.period)
        return self.act(lambda: services.withdraw(duty), _("Taken back: it is a draft again."), back, duty)

    @expose("/urges/<int:urge_id>/done", methods=["POST"])
    @guarded(Verb.VIEW)
    def urge_done(self, urge_id: int) -> Any:
        urge = access.find(Urge, urge_id)
        return self.act(
            lambda: services.urge_done(urge), _("Marked as attended to."), url_for("MyPeriodView.my_period")
        )

    def _page(
        self,
        period: str,
        *,
        typed: Mapping[str, str] | None = None,
        problems: Sequence[Problem] = (),
        fill_last: bool = False,
    ) -> Any:
        duties = queries.my_duties(period)
        locked = queries.closed_row([(duty.township_id, duty.period) for duty in duties])
        cards = _cards([d for d in duties if d.state in OWED], typed, problems, fill_last)
        handed_in = [duty for duty in duties if duty.state in HANDED_IN]
        return self.render_template(
            "duties/templates/my_period.html",
            period=period,
            picker=period_links(period, "MyPeriodView.my_period"),
            locked=locked,
            urges=queries.open_urges(queries.persons_of(access.actor())),
            groups=_groups(cards),
            me=access.actor().person_id,
            returned=[card for card in cards if card.duty.state == DutyState.RETURNED],
            handed_in=handed_in,
            total=len(duties),
            offers=any(card.record.has_offer for card in cards),
            summary=_summary(cards, problems),
            words=DUTY_WORDS,
            role_name=names.role,
        )


def _entries(duties: Iterable[Duty], sent: Mapping[str, str]) -> list[services.Entry]:
    """What was typed for each duty that may still be written."""
    return [
        services.Entry(
            duty,
            typed_answers(spec_of(duty.form_version), sent, f"d{duty.id}-"),
            nothing=bool(sent.get(f"d{duty.id}-nothing")),
            version=_version(sent, duty),
        )
        for duty in duties
        if duty.state in OWED or f"d{duty.id}-version" in sent
    ]


def _version(sent: Mapping[str, str], duty: Duty) -> int:
    """The version the page showed; a page that does not say which is never the present one."""
    text = sent.get(f"d{duty.id}-version", "")
    return int(text) if text.isdigit() else -1


def _is_touched(entry: services.Entry) -> bool:
    return entry.nothing or any(value is not None for value in entry.answers.values())


def _hand_in(act: str, entries: Sequence[services.Entry]) -> None:
    """Do what the button said, and say what became of it."""
    touched = [entry for entry in entries if _is_touched(entry)]
    rest = [entry for entry in entries if not _is_touched(entry)]
    if act == "draft":
        services.save_draft([*touched, *(entry for entry in rest if entry.duty.answers or entry.duty.is_nothing)])
        flash(_("Saved as draft. Nothing is handed in yet."), "success")
        return
    if act == "nothing_rest":
        touched += [services.Entry(entry.duty, {}, nothing=True, version=entry.version) for entry in rest]
        rest = []
    if not touched:
        raise broken("duties.nothing_typed")
    services.submit(touched)
    flash(_("%(count)s duties handed in.", count=len(touched)), "success")
    if rest:
        flash(_("%(count)s are still to be filled in.", count=len(rest)), "info")


# -- cards -----------------------------------------------------------------------------------------


def _cards(
    duties: Sequence[Duty], typed: Mapping[str, str] | None, problems: Sequence[Problem], fill_last: bool
) -> list[Card]:
    last = queries.last_answers(duties)
    return [_card(duty, typed, problems, last.get(duty.id, {}), fill_last) for duty in duties]


def _card(
    duty: Duty,
    typed: Mapping[str, str] | None,
    problems: Sequence[Problem],
    last: Mapping[str, Any],
    fill_last: bool,
) -> Card:
    spec, prefix = spec_of(duty.form_version), f"d{duty.id}-"
    mine = [Problem(p.code, p.where.removeprefix(prefix), p.params) for p in problems if p.where.startswith(prefix)]
    is_stale = any(problem.code == "conflict" for problem in mine)
    answers = dict(duty.answers) if typed is None else typed_answers(spec, typed, prefix)
    if fill_last:
        offered = {f.code for f in spec.fields() if f.offers_last}
        answers = {code: value for code, value in last.items() if code in offered} | answers
    shown = Shown(
        last=last,
        stored=duty.answers if is_stale else None,
        problems=mine,
        references=queries.references_for(spec, duty.unit),
    )
    fields = {field.code for field in spec.fields()}
    return Card(
        duty=duty,
        record=record_form(spec, answers, prefix, shown),
        version=duty.version,
        nothing=duty.is_nothing if typed is None else bool(typed.get(f"{prefix}nothing")),
        problems=tuple(sentence(p) for p in mine if p.where not in fields),
    )


def _groups(cards: Sequence[Card]) -> list[tuple[Any, str, list[Card]]]:
    """Cards by post, as (unit, role, cards); a returned one stands in its own list above."""
    waiting = [card for card in cards if card.duty.state != DutyState.RETURNED]
    grouped = groupby(waiting, lambda card: (card.duty.unit_id, card.duty.template.role, card.duty.person_id))
    return [(part[0].duty.unit, role, part) for (_unit_id, role, _person), found in grouped if (part := list(found))]


def _summary(cards: Sequence[Card], problems: Sequence[Problem]) -> list[tuple[str, str]]:
    """Every problem with the input it stands at: (id, sentence)."""
    lines: list[tuple[str, str]] = []
    for card in cards:
        lines += [(f"{card.prefix}card", f"{card.duty.template}: {words}") for words in card.problems]
        lines += [
            (view.name, f"{card.duty.template} {view.label}: {error}")
            for view in card.record.fields
            for error in view.errors
        ]
    on_cards = tuple(card.prefix for card in cards)
    return lines + [("", sentence(p)) for p in problems if not (on_cards and p.where.startswith(on_cards))]

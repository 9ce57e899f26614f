"""The gallery of packs: what each brings, loading it, how it stands here, taking in and handing out."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask_appbuilder import expose

from app.domain.errors import RuleBroken, broken
from app.domain.packs import Difference, Standing, count_of
from app.domain.rights import Resource, Verb
from app.features.org.models import OrgUnit
from app.features.packs import queries, services
from app.features.packs.parts import PARTS
from app.features.packs.words import PARTS as PART_NAMES
from app.features.packs.words import SOURCES, STANDINGS, came_in_words
from app.kit import access
from app.kit.download import plain_name
from app.kit.fab import PortalPageView, Screen, guarded
from app.kit.i18n import _, _l, chosen
from app.kit.limits import Cost, counted_as
from app.kit.problems import flash_all


class PackView(PortalPageView):
    """Packs at the county, or the prefecture, whose lists the actor keeps."""

    resource = Resource.LISTS
    route_base = "/packs"
    default_view = "index"

    @expose("/")
    @guarded(Verb.EDIT)
    def index(self) -> Any:
        unit = _unit()
        return self.render_template(
            "packs/templates/gallery.html",
            title=_("List packs"),
            cards=queries.gallery(unit),
            units=queries.owners(),
            may_load=_may_load(unit),
            **_shared(unit),
        )

    @expose("/<string:code>")
    @guarded(Verb.EDIT)
    def show(self, code: str) -> Any:
        unit = _unit()
        card = queries.card_of(unit, code)
        return self.render_template(
            "packs/templates/pack.html",
            title=_name(card.pack.name),
            card=card,
            count_of=count_of,
            registers={data["code"]: data["title"] for data in card.pack.forms},
            figures=queries.figures(unit, card.pack) if card.load else [],
            may_load=_may_load(unit),
            sources=SOURCES,
            **_shared(unit),
        )

    @expose("/<string:code>/differences")
    @guarded(Verb.EDIT)
    def differences(self, code: str) -> Any:
        unit = _unit()
        card = queries.card_of(unit, code)
        found = queries.standing_at(unit, card.pack)
        return self.render_template(
            "packs/templates/differences.html",
            title=_("How %(pack)s stands here", pack=_name(card.pack.name)),
            card=card,
            rows=[one for one in found if one.difference is not Difference.SAME],
            same=sum(one.difference is Difference.SAME for one in found),
            asks=_asks,
            standings=STANDINGS,
            may_load=_may_load(unit),
            **_shared(unit),
        )

    @expose("/<string:code>/load", methods=["POST"])
    @guarded(Verb.APPROVE)
    def load(self, code: str) -> Any:
        unit = _unit()
        pack = queries.card_of(unit, code).pack
        back = url_for("PackView.show", code=code, unit=unit.id)
        return self.act(lambda: services.load_pack(pack, unit), _("Loaded. What was there already is as it was."), back)

    @expose("/<string:code>/update", methods=["POST"])
    @guarded(Verb.APPROVE)
    def update(self, code: str) -> Any:
        unit = _unit()
        pack = queries.card_of(unit, code).pack
        also = [(part, key) for part, _bar, key in (text.partition("/") for text in request.form.getlist("also"))]
        back = url_for("PackView.differences", code=code, unit=unit.id)
        return self.act(lambda: services.update_pack(pack, unit, also), _("Brought up to date."), back)

    @expose("/take-in", methods=["POST"])
    @guarded(Verb.APPROVE)
    @counted_as(Cost.UPLOAD)
    def take_in(self) -> Any:
        unit = _unit()
        try:
            file = request.files.get("file")
            if file is None or not file.filename:
                raise broken("pack.no_file", "file")
            made = services.take_in(unit, file.read())
        except RuleBroken as refusal:
            flash_all(refusal.problems[:20])
            return redirect(url_for("PackView.index", unit=unit.id))
        flash(_("Taken in. Look at what it brings before you load it."), "success")
        return redirect(url_for("PackView.show", code=made.code, unit=unit.id))

    @expose("/export")
    @guarded(Verb.EXPORT)
    def export_page(self) -> Any:
        unit = _unit()
        return self.render_template(
            "packs/templates/export.html",
            title=_("Hand out own lists as a pack"),
            lists=PARTS["lists"].rows(unit),
            also=[part for part in PARTS if part not in ("kinds", "lists")],
            **_shared(unit),
        )

    @expose("/export", methods=["POST"])
    @guarded(Verb.EXPORT)
    @counted_as(Cost.EXPORT)
    def export(self) -> Any:
        unit = _unit()
        asked = request.form
        lists = [int(text) for text in asked.getlist("lists") if text.isdecimal()]
        version = int(asked["version"]) if asked.get("version", "").isdecimal() else 0
        name = asked.get("name", "").strip()
        try:
            content = services.export_pack(unit, asked.get("code", ""), name, version, lists, asked.getlist("parts"))
        except RuleBroken as refusal:
            flash_all(refusal.problems[:20])
            return redirect(url_for("PackView.export_page", unit=unit.id))
        answer = Response(content, mimetype="application/yaml")
        answer.headers.set("Content-Disposition", "attachment", filename=plain_name(f"{asked['code']}-{version}.yaml"))
        return answer


def _unit() -> OrgUnit:
    return queries.owner(request.values.get("unit", type=int))


def _may_load(unit: OrgUnit) -> bool:
    return access.can_at(Verb.APPROVE, Resource.LISTS, unit)


def _shared(unit: OrgUnit) -> dict[str, Any]:
    return {"unit": unit, "parts": PART_NAMES, "name": _name, "came_in_words": came_in_words}


def _name(said: Any) -> str:
    """A name in the reader's language, out of a label, a mapping of languages, or a plain text."""
    if isinstance(said, str):
        return said
    words = said if isinstance(said, dict) else {"zh": said.zh, "en": said.en, "ko": said.ko}
    return chosen(words)


def _asks(one: Standing) -> bool:
    """Whether it is taken over only when somebody says so: what was changed or taken away here."""
    return one.difference in (Difference.BOTH, Difference.LOCAL, Difference.GONE)


VIEWS = [Screen(PackView, _l("List packs"), "lists", "fa-archive", verb=Verb.EDIT, order=45)]

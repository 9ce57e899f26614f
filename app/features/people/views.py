"""The roster, the page of a person, the printed certificates, and the generated lists of persons, posts, employments."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask_appbuilder import expose

from app.domain.rights import GRID_ROLES, Resource, Verb
from app.features.org import queries as tree
from app.features.org.models import OrgUnit
from app.features.people import queries, services
from app.features.people.forms import (
    EMPLOYMENT_FIELDS,
    HOLDS,
    PERSON_FIELDS,
    POST_FIELDS,
    AppointForm,
    EndPostForm,
    SubstituteForm,
    UnmaskForm,
)
from app.features.people.models import Employment, Person, Post
from app.features.people.queries import RosterFilter
from app.kit import access, clock, names, redirects
from app.kit.datamodel import ScopedInterface
from app.kit.fab import PortalModelView, PortalPageView, Screen, guarded
from app.kit.i18n import _, _l

_LABELS = {
    "name": _l("Full name"),
    "person": _l("Full name"),
    "gender": _l("Gender"),
    "phone": _l("Telephone"),
    "unit": _l("Unit"),
    "role": _l("Role"),
    "title": _l("Title"),
    "from_on": _l("From"),
    "to_on": _l("Until"),
    "acting_for": _l("Stands in for"),
    "is_certified": _l("Holds the certificate"),
    "training_date": _l("Trained on"),
    "record_book_no": _l("Record book"),
    "certificate_no": _l("Certificate number"),
    "certificate_issued_on": _l("Certificate issued on"),
    "volunteer_kind": _l("Kind of volunteer"),
    "payroll_eligible": _l("On the payroll"),
    "is_primary": _l("Main employment"),
    "hold": _l("Award"),
    "remarks": _l("Remarks"),
}
_PERSON = [
    "name",
    "gender",
    "unit",
    "phone",
    "training_date",
    "record_book_no",
    "certificate_no",
    "certificate_issued_on",
    "volunteer_kind",
    "remarks",
]
_POST = ["person", "role", "unit", "from_on", "to_on", "acting_for", "is_certified", "remarks"]
_EMPLOYMENT = ["person", "unit", "title", "from_on", "to_on", "payroll_eligible", "is_primary", "hold", "remarks"]


class PersonView(PortalModelView):
    """Persons as a list; the telephone is masked and can be neither searched nor sorted by."""

    route_base = "/persons"
    datamodel = ScopedInterface(Person)
    resource = Resource.PERSONS
    list_title, show_title = _l("Persons"), _l("Person")
    add_title, edit_title = _l("New person"), _l("Edit person")
    list_columns = ["name", "gender", "unit", "phone", "training_date", "certificate_no"]
    show_columns = add_columns = edit_columns = _PERSON
    search_columns = ["name", "unit", "certificate_no", "record_book_no"]
    order_columns = ["name", "training_date", "certificate_no"]
    add_form_extra_fields = edit_form_extra_fields = PERSON_FIELDS
    formatters_columns = {"volunteer_kind": names.volunteer_kind}
    label_columns = _LABELS


class PostView(PortalModelView):
    """Posts as a list; what may stand beside what is checked by the rules of posts."""

    route_base = "/posts"
    datamodel = ScopedInterface(Post)
    resource = Resource.POSTS
    list_title, show_title = _l("Posts"), _l("Post")
    add_title, edit_title = _l("New post"), _l("Edit post")
    list_columns = ["person", "role", "unit", "from_on", "to_on", "is_certified"]
    show_columns = add_columns = edit_columns = _POST
    search_columns = ["role", "unit", "person", "from_on", "to_on"]
    order_columns = ["role", "from_on", "to_on"]
    add_form_extra_fields = edit_form_extra_fields = POST_FIELDS
    formatters_columns = {"role": names.role}
    label_columns = _LABELS


class EmploymentView(PortalModelView):
    """Employments as a list; wages are a matter of the bonus."""

    route_base = "/employments"
    datamodel = ScopedInterface(Employment)
    resource = Resource.PERSONS
    list_title, show_title = _l("Employments"), _l("Employment")
    add_title, edit_title = _l("New employment"), _l("Edit employment")
    list_columns = ["person", "unit", "title", "from_on", "to_on", "payroll_eligible"]
    show_columns = add_columns = edit_columns = _EMPLOYMENT
    search_columns = ["unit", "person", "title", "payroll_eligible"]
    order_columns = ["title", "from_on", "to_on"]
    add_form_extra_fields = edit_form_extra_fields = EMPLOYMENT_FIELDS
    formatters_columns = {"hold": lambda code: str(HOLDS.get(code, code))}
    label_columns = _LABELS


class RosterView(PortalPageView):
    """The roster of the grids, by place, role and name."""

    route_base = "/roster"
    default_view = "roster"
    resource = Resource.PERSONS

    @expose("/")
    @guarded(Verb.VIEW)
    def roster(self) -> Any:
        wanted = _wanted()
        page = max(request.args.get("page", 1, type=int), 1)
        posts, total = queries.roster_page(wanted, page)
        children = tree.children_of(wanted.unit)
        return self.render_template(
            "people/templates/roster.html",
            title=_("Roster"),
            wanted=wanted,
            posts=posts,
            paths=tree.path_names([post.unit for post in posts]),
            total=total,
            page=page,
            pages=-(-total // queries.PAGE),
            line=tree.line_above(wanted.unit) if wanted.unit else [],
            children=children,
            counts_below=queries.counts_below(children),
            counts=queries.role_counts(wanted),
            roles=[(role.value, names.role(role)) for role in GRID_ROLES],
            vacancies=queries.vacancies(wanted),
        )

    @expose("/cards")
    @guarded(Verb.EXPORT)
    def cards(self) -> Any:
        unit = _wanted().unit
        return self._cards(queries.cards(unit), unit.name if unit else "")

    @expose("/cards/<int:person_id>")
    @guarded(Verb.EXPORT)
    def card(self, person_id: int) -> Any:
        person = access.find(Person, person_id)
        return self._cards(queries.cards(None, person), person.name)

    def _cards(self, posts: Any, about: str) -> Any:
        return self.render_template(
            "people/templates/cards.html",
            title=_("Certificates of grid Party-building work"),
            about=about,
            posts=posts,
            paths=tree.path_names([post.unit for post in posts]),
            back=redirects.previous(),
        )


def _wanted() -> RosterFilter:
    unit_id = request.args.get("unit", type=int)
    role = request.args.get("role", "")
    return RosterFilter(
        access.find(OrgUnit, unit_id) if unit_id else None,
        role if role in {r.value for r in GRID_ROLES} else "",
        request.args.get("q", "").strip()[:30],
    )


class PersonPageView(PortalPageView):
    """One person: facts, posts, employments, and what can be done."""

    route_base = "/person"
    default_view = "person"
    resource = Resource.PERSONS

    @expose("/<int:person_id>")
    @guarded(Verb.VIEW)
    def person(self, person_id: int) -> Any:
        return self._page(access.find(Person, person_id))

    def _page(self, person: Person, number: str = "", form: Any = None) -> Any:
        posts = queries.posts_of(person)
        return self.render_template(
            "people/templates/person.html",
            title=person.name,
            person=person,
            number=number,
            posts=posts,
            substitutes=queries.substitutes_of(posts),
            paths=tree.path_names([person.unit, *(post.unit for post in posts)]),
            employments=queries.employments_of(person),
            holds_word=HOLDS,
            kind=names.volunteer_kind(person.volunteer_kind),
            appoint=form if isinstance(form, AppointForm) else AppointForm(from_on=clock.today()),
            unmask=UnmaskForm(),
            today=clock.today(),
        )

    @expose("/<int:person_id>/unmask", methods=["POST"])
    @guarded(Verb.UNMASK)
    def unmask(self, person_id: int) -> Any:
        person, seen = access.find(Person, person_id, Verb.UNMASK), list[str]()
        reason = request.form.get("reason", "")
        refused = self.act(
            lambda: seen.append(services.unmask(person, reason)),
            _("Shown once; the reason is on record."),
            _back(person),
        )
        return self._page(person, seen[0]) if seen else refused

    @expose("/<int:person_id>/appoint", methods=["POST"])
    @guarded(Verb.EDIT, Resource.POSTS)
    def appoint(self, person_id: int) -> Any:
        person, form = access.find(Person, person_id), AppointForm()
        if not form.validate_on_submit():
            return self._page(person, form=form)
        facts = {"from_on": form.from_on.data, "is_certified": form.is_certified.data}
        return self.act(
            lambda: services.appoint(person, form.role.data, form.unit.data, **facts),
            _("The post is on record."),
            _back(person),
        )

    @expose("/posts/<int:post_id>/end", methods=["POST"])
    @guarded(Verb.EDIT, Resource.POSTS)
    def end_post(self, post_id: int) -> Any:
        post, form = access.find(Post, post_id, Verb.EDIT), EndPostForm()
        if not form.validate_on_submit():
            return self._page(post.person, form=form)
        last_day, back = form.to_on.data, _back(post.person)
        return self.act(lambda: services.end_post(post, last_day), _("The post has its last day."), back, post)

    @expose("/posts/<int:post_id>/substitute", methods=["GET", "POST"])
    @guarded(Verb.EDIT, Resource.POSTS)
    def substitute(self, post_id: int) -> Any:
        post, form = access.find(Post, post_id, Verb.EDIT), SubstituteForm(from_on=clock.today())
        if form.validate_on_submit() and form.accept(lambda: _stand_in(post, form)):
            return self.act(lambda: None, _("The substitute is on record."), _substitutes(post))
        return self.render_template(
            "people/templates/substitute.html",
            title=_("Let somebody stand in"),
            post=post,
            form=form,
            back=_back(post.person),
            substitutes=queries.substitutes_of([post]).get(post.id, []),
            today=clock.today(),
        )

    @expose("/posts/<int:post_id>/substitute/end", methods=["POST"])
    @guarded(Verb.EDIT, Resource.POSTS)
    def end_substitute(self, post_id: int) -> Any:
        acting = access.find(Post, post_id, Verb.EDIT)
        back = _substitutes(acting.acting_for) if acting.acting_for else _back(acting.person)
        return self.act(lambda: services.end_substitute(acting), _("The post is back with its holder."), back, acting)


def _stand_in(post: Post, form: SubstituteForm) -> Post:
    return services.substitute(
        post, form.person.data, form.from_on.data, form.to_on.data, reason=form.reason.data or ""
    )


def _substitutes(post: Post) -> str:
    return url_for("PersonPageView.substitute", post_id=post.id)


def _back(person: Person) -> str:
    return url_for("PersonPageView.person", person_id=person.id)


VIEWS = [
    Screen(RosterView, _l("Roster"), "people", "fa-users", order=15),
    Screen(PersonPageView),
    Screen(PersonView, _l("Persons"), "people", "fa-address-card", Verb.EDIT, order=30),
    Screen(PostView, _l("Posts"), "people", "fa-id-badge", Verb.EDIT, order=40),
    Screen(EmploymentView, _l("Employments"), "people", "fa-briefcase", Verb.EDIT, order=50),
]

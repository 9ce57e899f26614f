"""The sentences of people."""

from __future__ import annotations

from app.kit.i18n import _l

SENTENCES = {
    "people.role_level": _l("There is no post of “%(role)s” at “%(unit)s”; choose a unit of the right level."),
    "people.dates_reversed": _l("The last day lies before the first."),
    "people.role_excluded": _l("%(name)s holds a post that may not be held beside this one."),
    "people.post_taken": _l("“%(unit)s” has a leader already: %(name)s. Fill in his last day first."),
    "people.post_ended": _l("This post has ended already."),
    "people.same_person": _l("Nobody stands in for himself."),
    "people.not_acting": _l("This post is nobody’s substitute."),
    "people.substitute_differs": _l("Whoever stands in has the role and the unit of the post he stands in for."),
    "people.substitute_of_substitute": _l(
        "Nobody stands in for a substitute; let another person stand in for the post."
    ),
    "people.substitute_days": _l("Say from when until when somebody stands in."),
    "people.substitute_too_long": _l("Somebody stands in for one year at most; after that appoint him."),
    "people.substitute_outside": _l("Nobody stands in before the post begins or after it ends."),
    "people.substitute_taken": _l("%(name)s stands in for this post already, until %(until)s."),
    "people.no_total_grid": _l("“%(unit)s” has no total grid yet; add it to the tree first."),
    "people.not_json": _l("The file does not hold a roster in JSON."),
    "people.row_incomplete": _l("Village, role and name are needed."),
    "people.unknown_role": _l("“%(role)s” is not a role of the roster."),
    "people.own_post": _l("Nobody gives himself a post or changes a post of his own; ask another administrator."),
    "people.three_by_system": _l("Posts of the three administrators are given and ended by the system administrator."),
    "people.role_off": _l("The role “%(role)s” is switched off."),
    "people.no_phone": _l("No telephone number is on record."),
}

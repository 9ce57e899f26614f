"""What verify finds, in words."""

from __future__ import annotations

from app.kit.i18n import _l

SENTENCES = {
    "audit.edited": _l("Entry %(entry)s (number %(number)s of the chain) was changed after it had been sealed."),
    "audit.deleted": _l("Entry %(entry)s (number %(number)s of the chain) was deleted."),
    "audit.inserted": _l("Entry %(entry)s was put into the trail afterwards: it stands in between and has no seal."),
    "audit.seal_missing": _l("Number %(number)s of the chain is missing: a seal was deleted."),
    "audit.seal_edited": _l(
        "Number %(number)s of the chain (entry %(entry)s) does not follow from the one before: "
        "a seal was changed, moved or put in between."
    ),
    "audit.rewritten": _l(
        "The chain no longer passes its anchor %(date)s at number %(number)s: it was written anew after number %(after)s."
    ),
    "audit.truncated": _l(
        "The anchor %(date)s stands at number %(number)s, but the chain ends at %(last)s: its end was cut off."
    ),
    "audit.anchor_edited": _l(
        "Line %(line)s of the anchors (%(date)s) does not carry the signature of this installation: "
        "it was changed, or signed with another key."
    ),
    "audit.unguarded": _l("The database no longer refuses changes of the trail: triggers are missing."),
    "audit.nothing_to_restore": _l("There is nothing to bring back: the record holds these values now."),
    "audit.not_reachable": _l("“%(field)s” cannot be brought back: it names a record outside your area."),
    "audit.too_many": _l("%(count)s entries fit; at most %(limit)s go into one file. Choose fewer days."),
    "audit.no_key": _l("There is no key to sign with: run `flask portal init`, or set SECRET_KEY."),
}

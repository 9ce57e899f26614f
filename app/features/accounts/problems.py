"""The sentences of accounts."""

from __future__ import annotations

from app.kit.i18n import _l

SENTENCES = {
    "account.password_short": _l("The password needs at least %(least)s characters."),
    "account.password_simple": _l("Use at least three of: small letters, capital letters, digits, signs."),
    "account.password_common": _l("This password is too easy to guess."),
    "account.password_name": _l("The password must not hold the user name or the telephone number."),
    "account.password_used": _l("This password was used before; the last %(count)s cannot be used again."),
    "account.password_wrong": _l("The present password is not right."),
    "account.password_differs": _l("The two new passwords differ."),
    "account.name_taken": _l("The user name “%(username)s” is taken."),
    "account.bad_name": _l("A user name has 3 to 32 small letters, digits, dots or hyphens, and begins with a letter."),
    "account.person_has_one": _l("%(person)s has an account already."),
    "account.own": _l("Nobody resets or deactivates his own account here."),
    "account.unknown_person": _l("There is no person “%(person)s” at that unit, or more than one."),
}

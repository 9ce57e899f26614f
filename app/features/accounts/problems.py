"""The sentences of accounts."""

from __future__ import annotations

from app.kit.i18n import _l

SENTENCES = {
    "api_key.name_missing": _l("Say what the key is for, so that you know it again."),
    "api_key.bad_days": _l("A key holds between 1 and %(most)s days."),
    "api_key.too_many": _l("You have %(limit)s keys in force; revoke one first."),
    "account.password_short": _l("The password needs at least %(least)s characters."),
    "account.password_long": _l("The password has at most %(most)s characters."),
    "account.password_simple": _l("Use at least three of: small letters, capital letters, digits, signs."),
    "account.password_common": _l("This password is too easy to guess."),
    "account.password_name": _l(
        "The password must not hold the user name, the telephone number, or the name of the person or of his units in pinyin."
    ),
    "account.password_used": _l("This password was used before; the last %(count)s cannot be used again."),
    "account.no_passwords_here": _l("Passwords are kept by the directory of your office, not here; change it there."),
    "account.password_wrong": _l("The present password is not right."),
    "account.password_differs": _l("The two new passwords differ."),
    "account.name_taken": _l("The user name “%(username)s” is taken."),
    "account.bad_name": _l("A user name has 3 to 32 small letters, digits, dots or hyphens, and begins with a letter."),
    "account.person_has_one": _l("%(person)s has an account already."),
    "account.code_wrong": _l("The code is not right, or it was used before. Wait for the next one."),
    "account.factor_there": _l("The second factor is set up already."),
    "account.no_factor": _l("This account has no second factor."),
    "account.of_the_three": _l(
        "The password of one of the three administrators is reset at the server (flask accounts reset), so that none of them can become another."
    ),
    "account.own": _l("Nobody resets or deactivates his own account here."),
    "account.still_needed": _l(
        "%(person)s holds a post or an employment that has not ended: what is kept for it is still needed."
    ),
    "rights.bad_cell": _l("“%(text)s” is no cell: write role:resource:verb=reach, e.g. evaluator:pay:export=subtree."),
    "rights.nothing_changed": _l("Nothing is different from the table as it stands."),
    "rights.name_taken": _l("There is a role called “%(name)s” already."),
    "rights.name_long": _l("At most %(limit)s characters."),
    "rights.role_held": _l("%(count)s posts still hold “%(role)s”; end them or give them another role first."),
    "account.unknown_person": _l("There is no person “%(person)s” at that unit, or more than one."),
}

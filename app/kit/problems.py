"""Problems in words: the one place where a code becomes a sentence, for a field, a flash, a cell or JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask import flash
from sqlalchemy.exc import IntegrityError

from app.domain.errors import Problem, RuleBroken
from app.kit import names
from app.kit.domain_sentences import DOMAIN_SENTENCES
from app.kit.i18n import _l

_sentences: dict[str, Any] = {
    **DOMAIN_SENTENCES,
    "required": _l("Please fill in this field."),
    "not_found": _l("There is no such record, or it is not yours to see."),
    "conflict": _l("Somebody else has saved this record meanwhile. Your input is kept below: compare and save again."),
    "duplicate": _l("A record with the same key exists already; change the key or edit that record."),
    "in_use": _l("Other records still refer to this one; close it instead of deleting it."),
    "outside": _l("This record is outside your area."),
    "database_refused": _l("The database refused to save this. Nothing was changed."),
    "transition.not_allowed": _l("This cannot be done now: the record is in the state “%(state)s”."),
    "not_allowed": _l("Your posts do not give the right to do this (%(verb)s, %(resource)s)."),
    "account.unknown": _l("There is no account “%(username)s”."),
    "changed_meanwhile": _l("Somebody has changed it after you opened the page. Look at it again first."),
    "bin.restored": _l("“%(label)s” has been put back already."),
    "bin.place_taken": _l(
        "“%(label)s” cannot be put back: its place has been taken meanwhile. Change the other record first."
    ),
    "private.identity": _l(
        "This looks like an identity number. Villagers' private numbers do not belong here: take it out."
    ),
    "private.bank_card": _l("This looks like a bank-card number. Private numbers do not belong here: take it out."),
    "reason_required": _l("Please give a reason."),
}
_constraints: dict[str, Problem] = {}


def register(sentences: Mapping[str, Any]) -> None:
    """Add a feature's sentences: {code: lazy translation with %(name)s placeholders}."""
    _sentences.update(sentences)


def register_constraints(fields: Mapping[str, Problem]) -> None:
    """Say which field a database constraint is about, so that a duplicate shows beside the input."""
    _constraints.update(fields)


def has_sentence(code: str) -> bool:
    """True when the code has words."""
    return code in _sentences


class _Params(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return ""


def sentence(problem: Problem) -> str:
    """The problem in the reader's language; an unknown code is shown with its values, never swallowed."""
    words = _sentences.get(problem.code)
    if words is None:
        values = ", ".join(f"{key}={value}" for key, value in problem.params.items())
        return f"{problem.code} {values}".strip()
    return str(words) % _Params(names.in_words(problem.params), where=problem.where)


def flash_all(problems: Iterable[Problem]) -> None:
    """Show every problem at the top of the next page."""
    for problem in problems:
        flash(sentence(problem), "danger")


def as_json(problems: Iterable[Problem]) -> list[dict[str, Any]]:
    """Problems for a machine: code, place, sentence."""
    return [{"code": p.code, "where": p.where, "message": sentence(p)} for p in problems]


def from_integrity_error(error: IntegrityError) -> RuleBroken:
    """A broken database constraint as a problem at its field."""
    text = str(error.orig)
    for constraint, problem in _constraints.items():
        if constraint in text:
            return RuleBroken(problem)
    kind = "duplicate" if "unique" in text.lower() else "in_use"
    return RuleBroken(Problem(kind))

"""What every command of ours shares: who acts, how results and refusals are printed."""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Callable
from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext

from app.domain.errors import Problem, RuleBroken, broken
from app.kit import access, refusals, schema
from app.kit.db import db
from app.kit.problems import sentence

_find_user: list[Callable[[str], Any]] = []


def register_user_lookup(function: Callable[[str], Any]) -> None:
    """Tell commands how `--as USERNAME` becomes an account."""
    _find_user[:] = [function]


def _who(username: str | None) -> access.Actor:
    if username is None:
        return access.OPERATOR
    with access.everything("--as names an account"):
        user = _find_user[0](username)
    if user is None:
        raise broken("account.unknown", "--as", username=username)
    return access.actor_of_user(user.id)


def acting(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command `--as USERNAME` (default: the operator at this machine, shown as such in the trail).

    The command runs inside the app and under that account's rights; a refusal is printed in words, exit code 2.
    """

    @click.option("--as", "as_username", metavar="USERNAME", help="Act as this account, under its rights.")
    @with_appcontext
    @functools.wraps(command)
    def wrapped(*args: Any, as_username: str | None = None, **kwargs: Any) -> Any:
        if current_app.config["CHECK_SCHEMA"]:
            schema.require_current()
        try:
            with access.acting_as(_who(as_username)), refusals.noted():
                return command(*args, **kwargs)
        except RuleBroken as refusal:
            _refuse([sentence(problem) for problem in refusal.problems])
        except access.NotAllowed as refusal:
            _refuse([sentence(Problem("not_allowed", params={"verb": refusal.verb, "resource": refusal.resource}))])
        return None

    return wrapped


def _refuse(sentences: list[str]) -> None:
    db.session.rollback()
    for words in sentences:
        click.echo(words, err=True)
    sys.exit(2)


def show(result: Any, as_json: bool, lines: Callable[[Any], list[str]] = lambda result: [str(result)]) -> None:
    """Print a result for a machine (`--json`) or for people."""
    if as_json:
        click.echo(json.dumps(result, ensure_ascii=False, indent=1))
    else:
        for line in lines(result):
            click.echo(line)


json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for a machine.")

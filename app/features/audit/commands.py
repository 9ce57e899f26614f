"""`flask audit …`."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Any

import click

from app.domain.errors import broken
from app.features.audit import services
from app.kit import chain
from app.kit.commands import acting, json_option, show
from app.kit.problems import as_json, sentence
from app.kit.retention import Purge
from app.kit.verify import Verdict


@click.group()
def audit() -> None:
    """The trail: is it whole, how is its end kept elsewhere, what is old enough to go."""


@audit.command("verify")
@click.option("--against", metavar="NUMBER:DIGEST", help="An anchor that was printed and kept elsewhere.")
@json_option
@acting
def verify_command(against: str | None, as_json: bool) -> None:
    """Recompute the whole chain and run every check; exit code 1 when something was found."""
    verdict = services.verify_trail(_point(against) if against else None)
    show(_as_data(verdict), as_json, lambda _data: _lines(verdict))
    if not verdict.whole:
        sys.exit(1)


def _point(given: str) -> tuple[int, str]:
    number, _colon, digest = given.partition(":")
    if not number.isdecimal() or len(digest) != 64:
        raise click.BadParameter("NUMBER:DIGEST, as `flask audit anchor` prints them")
    return int(number), digest


def _as_data(verdict: Verdict) -> dict[str, Any]:
    problems = [{**found, **p.params} for p, found in zip(verdict.problems, as_json(verdict.problems), strict=True)]
    return {"whole": verdict.whole, **asdict(verdict), "problems": problems, "first": problems[0] if problems else None}


def _lines(verdict: Verdict) -> list[str]:
    lines = [sentence(problem) for problem in verdict.problems]
    if verdict.broken > 1:
        lines.append(f"{verdict.broken} numbers of the chain do not hold; the first is named above.")
    lines += [f"{name}: {words}" for name, found in verdict.checks.items() for words in found or ["ok"]]
    lines.append(
        f"{verdict.entries} entries, {verdict.seals} seals, {verdict.purged} purged, {verdict.anchors} anchors, "
        f"{verdict.unsealed} waited for their seal: {'whole' if verdict.whole else 'NOT WHOLE'}"
    )
    return lines


@audit.command("anchor")
@acting
def anchor_command() -> None:
    """Sign the end of the chain, keep it in the instance folder and print it, to be kept elsewhere too."""
    chain.seal()
    anchor = chain.anchor()
    if anchor is None:
        raise broken("audit.no_key")
    click.echo(f"{anchor['date']} {anchor['number']}:{anchor['digest']}")


@audit.command("purge")
@json_option
@acting
def purge_command(as_json: bool) -> None:
    """Move the entries older than QINGDAN_AUDIT_DAYS into a compressed file of the instance folder."""
    purged = services.purge_trail()
    data = asdict(purged) | {"file": str(purged.file)} if purged else {"entries": 0}
    show(data, as_json, lambda _data: [_purged(purged)])


def _purged(purged: Purge | None) -> str:
    if purged is None:
        return "Nothing is old enough."
    return f"{purged.entries} entries (numbers {purged.first} to {purged.last}) moved to {purged.file}, {purged.sha256}"


COMMANDS = [audit]

"""`flask portal …`: setting up, reference data, the demo. The other groups come from the features."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from app import config, registry
from app.kit import access, audit, chain, commands, housekeeping, idempotency, jobs, logs, reference, removed, schema
from app.kit.db import transaction
from app.kit.security import sync_roles


@click.group()
def portal() -> None:
    """Set up the portal and keep it in step with its release."""


@portal.command("init")
@click.option("--no-admin", is_flag=True, help="Do not ask for the first system administrator.")
@with_appcontext
def init_command(no_admin: bool) -> None:
    """Make the key of this installation, the schema, the rights, the reference data and the first system administrator."""
    if not current_app.config["DEMO"] and config.keep_secret_key(current_app.config["INSTANCE_DIR"]):
        click.echo(f"secret key: made in {current_app.config['INSTANCE_DIR']}")
    _bring_up()
    sync()
    if not no_admin:
        from app.features.accounts.commands import ask_for_first_administrator

        with access.acting_as(access.OPERATOR):
            ask_for_first_administrator()


@portal.command("upgrade")
@with_appcontext
def upgrade_command() -> None:
    """After a new release: save the database, bring its schema, rights and reference data to this release; safe to run again."""
    _bring_up()
    sync()


def _bring_up() -> None:
    from app.kit.backup import cipher, upgrading

    saved = upgrading.bring_up(cipher.passphrase())
    if saved:
        click.echo(f"backup before the upgrade: {saved.file}")
        _note("backup", saved.facts() | {"why": "before-upgrade"})
    click.echo(f"schema: {schema.head()}")


def _note(kind: str, facts: dict[str, Any]) -> None:
    with access.acting_as(access.OPERATOR), transaction(), audit.acting(f"portal.{kind}"):
        audit.record(kind, "database", schema.head(), facts)


@portal.command("backup")
@click.option(
    "--to", type=click.Path(dir_okay=False, path_type=Path), help="The file; else one in the folder of backups."
)
@click.option("--encrypt", is_flag=True, help="Seal it with the passphrase in QINGDAN_BACKUP_PASSPHRASE or …_FILE.")
@with_appcontext
def backup_command(to: Path | None, encrypt: bool) -> None:
    """Copy everything but the secret key into one file, as of one instant, while people go on working."""
    from app.kit.backup import cipher, making

    words = cipher.passphrase() if encrypt else ""
    if encrypt and not words:
        raise click.ClickException(f"There is no passphrase: set {cipher.ENVIRONMENT} or {cipher.ENVIRONMENT}_FILE.")
    click.echo(f"backup: {_backup(making, to, 'asked', words)}")
    click.echo("The secret key is not in it: keep it elsewhere, or signatures and second factors are lost.")


def _backup(making: Any, to: Path | None, why: str, words: str) -> str:
    made = making.make(to, why=why, words=words)
    if schema.compared(made.manifest.revision) is schema.Standing.CURRENT:
        _note("backup", made.facts() | {"why": why})
    rows = sum(made.manifest.tables.values())
    return f"{made.file} ({made.file.stat().st_size} bytes, {len(made.manifest.tables)} tables, {rows} rows)"


@portal.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Put it in the place of what is there, which is saved first.")
@with_appcontext
def restore_command(file: Path, replace: bool) -> None:
    """Check a backup, load it, bring it to this release, count its rows, recompute the chain of the trail; all sessions end."""
    from app.kit.backup import cipher, restoring

    with access.acting_as(access.OPERATOR):
        done = restoring.restore(file, replace=replace, words=cipher.passphrase())
    if done.saved:
        click.echo(f"what was there before: {done.saved.file}")
    click.echo(
        f"restored: {sum(done.manifest.tables.values())} rows of {done.manifest.made_at}, revision {schema.head()}"
    )
    click.echo(f"sessions ended: {done.sessions_ended}")
    for line in done.problems:
        click.echo(line, err=True)
    if done.problems:
        raise click.ClickException("All rows are there, but the trail does not verify as shown above.")
    click.echo("audit chain: whole")


@portal.command("daily")
@click.option("--keep", default=14, show_default=True, help="How many of the daily backups are kept.")
@with_appcontext
def daily_command(keep: int) -> None:
    """Sign the end of the trail, back up, and tidy; to be run by a timer every night. Exit code 1 when a step failed."""
    schema.require_current()
    with access.acting_as(access.OPERATOR):
        outcomes = housekeeping.run(_daily_steps(keep))
    for outcome in outcomes:
        click.echo(f"{outcome.name}: {outcome.words}", err=not outcome.done)
    if not all(outcome.done for outcome in outcomes):
        sys.exit(1)


def _daily_steps(keep: int) -> dict[str, housekeeping.Step]:
    """Expired sessions and failed sign-ins go with the next sign-in; what is listed here would stay."""
    from app.features.exchange import allowance
    from app.features.exchange.services import files
    from app.features.forms.services import purge_held, resume_copies
    from app.kit.backup import cipher, making

    def anchor() -> str:
        chain.seal()
        signed = chain.anchor()
        return f"{signed['number']}:{signed['digest']}" if signed else "no key, or nothing to sign"

    return {
        "anchor": anchor,
        "backup": lambda: _backup(making, None, "daily", cipher.passphrase()),
        "old backups": lambda: f"{len(making.rotate('daily', keep))} deleted",
        "request keys": lambda: f"{idempotency.purge_request_keys()} forgotten",
        "files to take along": lambda: f"{files.purge()} deleted",
        "listed answers": lambda: f"{resume_copies()} forms taken up again",
        "files of refused pages": lambda: f"{purge_held()} deleted",
        "uploads": lambda: f"{allowance.tidy()} emptied",
        "jobs": lambda: f"{jobs.purge()} forgotten",
        "bin": lambda: f"{removed.purge_bin()} records gone for good",
    }


@portal.command("sync")
@with_appcontext
def sync_command() -> None:
    """Bring rights, roles and reference data in step with this release; safe to run again."""
    sync()


def sync() -> None:
    """Load what every installation has, then turn the rights table into FAB roles."""
    from app.features.accounts.queries import rights_table

    for name in reference.load():
        click.echo(f"{name}: ok")
    with access.acting_as(access.OPERATOR):
        pairs = sync_roles(current_app.appbuilder, rights_table())
    click.echo(f"roles: {pairs} permissions")


@portal.command("demo")
@click.option("--if-empty", is_flag=True, help="Do nothing when the database holds units already.")
@with_appcontext
def demo_command(if_empty: bool) -> None:
    """Load the fictional demo county and print one account per role. Only where demo mode is on."""
    if not current_app.config["DEMO"]:
        raise click.ClickException("Demo mode is off: demo accounts exist only on loopback with QINGDAN_DEMO=1.")
    with access.acting_as(access.OPERATOR):
        from app.features.org.queries import units_at

        if units_at("county"):
            if if_empty:
                return
            raise click.ClickException("The database holds units already; the demo is loaded into an empty one.")
        for name, step in registry.demo_steps():
            step()
            click.echo(f"demo {name}: ok")


@portal.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.option("--threads", default=8, show_default=True)
@click.option("--certificate", type=click.Path(exists=True, path_type=Path), help="Speak https by itself: PEM file.")
@click.option("--key", type=click.Path(exists=True, path_type=Path), help="The private key of the certificate.")
@click.option("--worker/--no-worker", default=True, show_default=True, help="Keep a process for jobs beside it.")
@with_appcontext
def serve_command(host: str, port: int, threads: int, certificate: Path | None, key: Path | None, worker: bool) -> None:
    """Serve the portal with granian and say where; in demo mode, with which accounts."""
    _refuse_unsafe_start(host, encrypted=certificate is not None)
    schema.require_current()

    from granian import Granian
    from granian.constants import Interfaces

    from app.kit.jobs.worker import Beside

    if current_app.config["DEMO"]:
        from app.features.accounts.demo import account_lines

        for line in account_lines():
            click.echo(line)
    click.echo(f"{'https' if certificate else 'http'}://{host}:{port}/")
    beside = Beside() if worker else None
    server = Granian(
        "app:create_app",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        factory=True,
        blocking_threads=threads,
        log_dictconfig=logs.of_server(current_app.config["LOG_FORMAT"]),
        ssl_cert=certificate,
        ssl_key=key,
    )
    try:
        server.serve()
    finally:
        if beside:
            beside.end()


@portal.command("work")
@click.option("--beside", type=int, hidden=True, help="End when the server with this process number is gone.")
@with_appcontext
def work_command(beside: int | None) -> None:
    """Run jobs; `serve` starts one such process beside itself, more may be started by hand or on other servers."""
    from app.kit.jobs.worker import work

    schema.require_current()
    work(beside=beside)


@portal.command("jobs")
@commands.json_option
@with_appcontext
def jobs_command(as_json: bool) -> None:
    """Say whether a worker is there, and how the last jobs fared."""
    from app.kit.jobs import board

    with access.acting_as(access.OPERATOR):
        seen, found = board.worker_seen(), jobs.all_jobs()
    facts = {
        "worker": seen.isoformat() if seen else None,
        "jobs": [
            {name: getattr(job, name) for name in ("id", "kind", "username", "state", "attempts")} for job in found
        ],
    }
    commands.show(facts, as_json, _job_lines)


def _job_lines(facts: dict[str, Any]) -> list[str]:
    worker = f"worker: seen {facts['worker']}" if facts["worker"] else "worker: none (flask portal work starts one)"
    return [
        worker,
        *(f"{j['id']:>6} {j['state']:<9} {j['kind']} {j['username']} run {j['attempts']}" for j in facts["jobs"]),
    ]


def _refuse_unsafe_start(host: str, *, encrypted: bool) -> None:
    settings, alone = current_app.config, host in (*config.LOOPBACK, "::1")
    if settings["DEMO"]:
        if not alone:
            raise click.ClickException("Demo mode serves on loopback only.")
        return
    if not config.has_secret_key(settings["INSTANCE_DIR"]):
        raise config.UnsafeConfiguration("There is no secret key yet: run `flask portal init`, or set SECRET_KEY.")
    if not alone and not encrypted and not settings["PROXIES"]:
        raise config.UnsafeConfiguration(
            f"Passwords would cross the network unencrypted on {host}. Put a proxy that speaks https in front and say how "
            "many there are (QINGDAN_PROXIES=1), or give --certificate and --key, or serve on 127.0.0.1."
        )


def init_app(app: Flask) -> None:
    """Put every group on the app."""
    app.cli.add_command(portal)
    for command in registry.commands():
        app.cli.add_command(command)

"""`flask portal …`: setting up, reference data, the demo. The other groups come from the features."""

from __future__ import annotations

from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from flask_migrate import upgrade

from app import config, registry
from app.kit import access, reference, schema
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
    upgrade()
    sync()
    if not no_admin:
        from app.features.accounts.commands import ask_for_first_administrator

        with access.acting_as(access.OPERATOR):
            ask_for_first_administrator()


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
@with_appcontext
def serve_command(host: str, port: int, threads: int, certificate: Path | None, key: Path | None) -> None:
    """Serve the portal with granian and say where; in demo mode, with which accounts."""
    _refuse_unsafe_start(host, encrypted=certificate is not None)
    schema.require_current()

    from granian import Granian
    from granian.constants import Interfaces

    if current_app.config["DEMO"]:
        from app.features.accounts.demo import account_lines

        for line in account_lines():
            click.echo(line)
    click.echo(f"{'https' if certificate else 'http'}://{host}:{port}/")
    Granian(
        "app:create_app",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        factory=True,
        blocking_threads=threads,
        ssl_cert=certificate,
        ssl_key=key,
    ).serve()


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

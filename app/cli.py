"""`flask portal …`: setting up, reference data, the demo. The other groups come from the features."""

from __future__ import annotations

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from flask_migrate import upgrade

from app import config, registry
from app.kit import access, reference
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
@with_appcontext
def serve_command(host: str, port: int, threads: int) -> None:
    """Serve the portal with granian and say where; in demo mode, with which accounts."""
    if not current_app.config["DEMO"] and not config.has_secret_key(current_app.config["INSTANCE_DIR"]):
        raise config.UnsafeConfiguration("There is no secret key yet: run `flask portal init`, or set SECRET_KEY.")

    from granian import Granian
    from granian.constants import Interfaces

    if current_app.config["DEMO"]:
        if host not in ("127.0.0.1", "localhost", "::1"):
            raise click.ClickException("Demo mode serves on loopback only.")
        from app.features.accounts.demo import account_lines

        for line in account_lines():
            click.echo(line)
    click.echo(f"http://{host}:{port}/")
    Granian(
        "app:create_app", address=host, port=port, interface=Interfaces.WSGI, factory=True, blocking_threads=threads
    ).serve()


def init_app(app: Flask) -> None:
    """Put every group on the app."""
    app.cli.add_command(portal)
    for command in registry.commands():
        app.cli.add_command(command)

"""create_app: the wiring, in order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask
from flask_appbuilder import AppBuilder
from flask_wtf.csrf import CSRFProtect

from app import cli, config, registry
from app.extensions import db, migrate
from app.kit import (
    audit,
    bearers,
    bodies,
    chain,
    charts,
    effects,
    errors,
    fab,
    headers,
    health,
    i18n,
    idempotency,
    jinja,
    limits,
    logs,
    reference,
    refusals,
    saving,
    schema,
    sessions,
    wall,
)
from app.kit import db as kit_db
from app.kit.pages import IndexView


def create_app(overrides: Mapping[str, Any] | str | None = None) -> Flask:
    """The portal; `overrides` is a profile name (development, testing, production) or settings over the profile's.

    Errors: UnsafeConfiguration when a production start lacks its key or its hosts; under a server also WrongSchema
    when the database is not at the revision of this release.
    """
    flask_app = Flask("app", root_path=str(config.PACKAGE), static_folder=None, template_folder="kit/templates")
    flask_app.config.update(_settings(overrides))
    flask_app.config["INSTANCE_DIR"].mkdir(parents=True, exist_ok=True)

    logs.init_app(flask_app)
    limits.init_sizes(flask_app)
    bodies.init_app(flask_app)

    registry.load_models()
    kit_db.init_app(flask_app)
    migrate.init_app(flask_app, db, directory=str(config.data_dir("migrations")), render_as_batch=True)
    sessions.init_app(flask_app)
    with flask_app.app_context():
        fab.install()
        wall.install()
        saving.install()
        audit.install()
        effects.install()
        wall.check_models()
        registry.register_providers()
        appbuilder = AppBuilder(indexview=IndexView, security_manager_class=_security_manager())
        appbuilder.init_app(flask_app, db.session)
        flask_app.jinja_env.globals.update(appbuilder=appbuilder, base_template=appbuilder.base_template)
        _add_screens(flask_app, appbuilder)
    i18n.init_app(flask_app)
    jinja.init_app(flask_app)
    registry.register_doors()
    reference.register(registry.reference_steps())
    charts.init_app(flask_app, registry.charts())
    flask_app.extensions["declared_listings"] = registry.listings()
    limits.init_app(flask_app)
    bearers.init_app(flask_app)
    headers.init_app(flask_app, CSRFProtect(flask_app))
    idempotency.init_app(flask_app)
    errors.init_app(flask_app)
    refusals.init_app(flask_app)
    chain.init_app(flask_app)
    health.init_app(flask_app)
    cli.init_app(flask_app)
    if flask_app.config["CHECK_SCHEMA"] and not config.is_command():
        with flask_app.app_context():
            schema.require_current()
    return flask_app


def _settings(overrides: Mapping[str, Any] | str | None) -> dict[str, Any]:
    if isinstance(overrides, str) or overrides is None:
        return config.settings(overrides)
    return config.settings(overrides.get("PROFILE", "testing")) | dict(overrides)


def _security_manager() -> Any:
    from app.features.accounts.security import AccountsSecurityManager

    return AccountsSecurityManager


def _add_screens(flask_app: Flask, appbuilder: AppBuilder) -> None:
    screens = [(screen, appbuilder.add_view_no_menu(screen.view)) for screen in registry.screens()]
    flask_app.extensions["screens"] = screens

"""What accounts tells the kit."""

from __future__ import annotations

from flask import current_app

from app.features.accounts import demo, queries, services, settings
from app.features.accounts.naming import account_name
from app.features.accounts.problems import SENTENCES
from app.features.accounts.services import keys
from app.features.people.models import Post
from app.kit import access, bearers, commands, problems, saving


def register() -> None:
    """Who is behind an account, and which password policy holds."""
    access.register_provider("actor_of", queries.actor_of)
    access.register_provider("person_of", queries.person_of)
    commands.register_user_lookup(queries.user_by_name)
    bearers.register_opener(keys.open_with)
    problems.register(SENTENCES)
    current_app.jinja_env.globals["account_name"] = account_name
    if current_app.config["DEMO"]:
        current_app.jinja_env.globals.update(demo_accounts=demo.demo_accounts, demo_password=demo.demo_password)
    settings.configure(current_app.config)
    saving.whenever(Post, services.end_sessions_after_change_of_posts)

"""People at their browsers, for tests with several of them at a time."""

from __future__ import annotations

from typing import Any

from factories.world import PASSWORD
from sqlalchemy import select

from app.features.duties.models import Lead
from app.kit import access
from app.kit.db import db


def signed_in(app: Any, username: str) -> Any:
    """A browser signed in to that account."""
    browser = app.test_client()
    answer = browser.post("/login/", data={"username": username, "password": PASSWORD})
    assert answer.status_code == 302 and "login" not in answer.headers["Location"], answer.text[:500]
    return browser


def report(browser: Any, words: str) -> Any:
    """Hand in a lead with these words."""
    return browser.post("/leads/new", data={"category": "civility", "place": "桥头", "words": words})


def reported(app: Any) -> list[str]:
    """The words of all leads that are stored."""
    with app.app_context(), access.everything("the test looks at everything"):
        return list(db.session.scalars(select(Lead.words)))

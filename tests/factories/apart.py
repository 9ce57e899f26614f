"""The small county in a database of its own, with real commits and as many sessions as there are browsers: for races."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from databases import copied
from factories.world import PASSWORD, known_world
from flask.testing import FlaskClient


@dataclass
class Apart:
    """A portal nobody else uses."""

    app: Any

    def browser(self, username: str) -> FlaskClient:
        """A browser signed in to an account."""
        client = FlaskClient(self.app, self.app.response_class)
        answer = client.post("/login/", data={"username": username, "password": PASSWORD})
        assert answer.status_code == 302, f"{username} could not sign in"
        return client

    @contextmanager
    def inside(self) -> Iterator[Any]:
        """At the machine: the operator acts; gives the world as it stands."""
        from app.kit import access
        from app.kit.db import db

        with self.app.app_context(), access.acting_as(access.OPERATOR):
            yield known_world()
            db.session.remove()

    def count(self, model: Any, *conditions: Any) -> int:
        """How many rows there are."""
        from sqlalchemy import func, select

        from app.kit.db import db

        with self.inside():
            return int(db.session.scalar(select(func.count()).select_from(model).where(*conditions)) or 0)


def own_portal(world_engine: Any, folder: Path) -> Apart:
    """A portal on a copy of the database with the small county in it."""
    from app import create_app

    world_engine.dispose()
    uri = copied(world_engine.url.render_as_string(hide_password=False), folder)
    return Apart(create_app({"SQLALCHEMY_DATABASE_URI": uri, "INSTANCE_DIR": folder}))


def together(*calls: Callable[[], Any]) -> list[Any]:
    """What each call gave, all started at one barrier; the first exception is raised."""
    barrier, results, errors = threading.Barrier(len(calls)), [None] * len(calls), []

    def run(place: int) -> None:
        try:
            barrier.wait(10)
            results[place] = calls[place]()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    if errors:
        raise errors[0]
    return results

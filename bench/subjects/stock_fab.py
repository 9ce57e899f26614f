"""Flask-AppBuilder as it comes: SQLAInterface and ModelView over the same rows, and a monthly log added by its form."""

from __future__ import annotations

import sys
from datetime import date
from typing import Any

from flask import Flask, g
from flask_appbuilder import AppBuilder, ModelView
from flask_appbuilder.models.filters import BaseFilter
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import ForeignKey, String, event
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bench.children import serve
from bench.county import PASSWORD
from bench.subjects.qingdan import statements_of
from bench.web import LOG, Browser, median_ms, pages

db = SQLAlchemy()


class Unit(db.Model):
    __tablename__ = "org_unit"
    id: Mapped[int] = mapped_column(primary_key=True)
    level: Mapped[str]
    name: Mapped[str]

    def __repr__(self) -> str:
        return self.name


class Person(db.Model):
    __tablename__ = "person"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]

    def __repr__(self) -> str:
        return self.name


class Post(db.Model):
    __tablename__ = "post"
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"))
    township_id: Mapped[int | None]
    role: Mapped[str] = mapped_column(String(40))
    from_on: Mapped[date | None]
    to_on: Mapped[date | None]
    is_certified: Mapped[bool]
    remarks: Mapped[str | None] = mapped_column(String(400))
    person: Mapped[Person] = relationship()
    unit: Mapped[Unit] = relationship()


class MonthlyLog(db.Model):
    __tablename__ = "bench_log"
    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int]
    month: Mapped[str] = mapped_column(String(7))
    meetings: Mapped[int]
    patrols: Mapped[int]
    reception_days: Mapped[int]
    reception_visitors: Mapped[int]
    leads_received: Mapped[int]
    leads_accepted: Mapped[int]
    leads_closed: Mapped[int]
    should_attend: Mapped[int]
    attended: Mapped[int]
    visits: Mapped[int]
    main_work: Mapped[str | None] = mapped_column(String(1000))


class Mine(BaseFilter):  # type: ignore[misc]
    name, arg_name = "mine", "mine"

    def apply(self, query: Any, value: Any) -> Any:
        return query.filter(Post.township_id == value) if g.user.username == "township" else query


def make_app(database: str) -> Any:
    app = Flask(__name__)
    app.config.update(
        SQLALCHEMY_DATABASE_URI=f"sqlite:///{database}", SECRET_KEY="bench" * 8, BABEL_DEFAULT_LOCALE="zh"
    )
    db.init_app(app)
    with app.app_context():
        event.listen(db.engine, "connect", lambda raw, _record: raw.execute("PRAGMA journal_mode=WAL"))
        event.listen(db.engine, "connect", lambda raw, _record: raw.execute("PRAGMA synchronous=FULL"))
        builder = AppBuilder(app, db.session)
        first = db.session.query(Unit.id).filter(Unit.level == "township").order_by(Unit.id).limit(1).scalar()

        class PostView(ModelView):  # type: ignore[misc]
            datamodel = SQLAInterface(Post)
            base_filters = [["township_id", Mine, first]]
            base_order = ("id", "desc")
            page_size = 20
            list_columns = ["person", "role", "unit", "from_on", "to_on", "is_certified"]
            search_columns = ["role", "unit", "person", "from_on", "to_on"]

        class LogView(ModelView):  # type: ignore[misc]
            datamodel = SQLAInterface(MonthlyLog)
            add_columns = ["unit_id", "month", *LOG]

        builder.add_view(PostView, "Posts")
        builder.add_view(LogView, "Logs")
        db.create_all()
        for username in ("county", "township"):
            if not builder.sm.find_user(username):
                admin = builder.sm.find_role("Admin")
                builder.sm.add_user(username, username, "x", f"{username}@x.cn", admin, PASSWORD)
    return app


def main(database: str) -> None:
    app = make_app(database)
    people = {who: Browser(app).sign_in("/login/", who, PASSWORD) for who in ("county", "township")}
    with app.app_context():
        counted = statements_of(db.engine)
    writer = people["county"]
    fields = {**LOG, "unit_id": "5", "month": "2026-10"}

    def submit(times: int) -> dict[str, float]:
        writer.keep_token("/logview/add")
        return {"ms": median_ms(lambda: writer.send("/logview/add", fields), range(times))}

    serve({"page": pages(people, lambda page: f"/postview/list/?page_PostView={page}", counted), "submit": submit})


if __name__ == "__main__":
    main(sys.argv[1])

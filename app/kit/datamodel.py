"""Flask-AppBuilder's datamodel over ours: it cannot return, offer or accept a row outside the actor's reach."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import g, has_request_context
from flask_appbuilder.exceptions import DatabaseException
from flask_appbuilder.models.filters import BaseFilter
from flask_appbuilder.models.sqla.interface import SQLAInterface
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm import SynonymProperty, selectinload

from app.domain.errors import Problem, RuleBroken
from app.domain.rights import Verb
from app.kit import access, refusals
from app.kit.problems import from_integrity_error, sentence

COUNT_CAP = 10_000
PAGE_SIZE_CAP = 200


class ScopeFilter(BaseFilter):  # type: ignore[misc]
    """Limits a query to what the actor may view."""

    name = "scope"
    arg_name = "scope"

    def apply(self, query: Any, value: Any) -> Any:
        return query.filter(access.where(self.model))


class Refused(DatabaseException):  # type: ignore[misc]
    """A row was not saved; carries every problem, and says them to Flask-AppBuilder, which knows only a text."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__(" ".join(sentence(problem) for problem in problems))


class ScopedInterface(SQLAInterface):  # type: ignore[misc]
    """A FAB datamodel that cannot return, offer or accept a row outside the actor's reach.

    Also: a stable order, capped counts and page sizes, to-one relations loaded at once, and database errors in words.
    """

    def __init__(self, obj: Any, session: Any = None) -> None:
        super().__init__(obj, session)
        # FAB means to leave synonyms out, but does not know SQLAlchemy's newer class for them.
        for key in [key for key, prop in self.list_properties.items() if isinstance(prop, SynonymProperty)]:
            del self.list_properties[key]
            self.list_columns.pop(key, None)

    def _scope(self) -> Any:
        return self.get_filters().add_filter_list([[self.get_pk_name(), ScopeFilter, None]])

    def get(self, id: Any, filters: Any = None, *args: Any, **kwargs: Any) -> Any:
        filters = (filters.copy() if filters else self.get_filters()).add_filter_list(
            [[self.get_pk_name(), ScopeFilter, None]]
        )
        return super().get(id, filters, *args, **kwargs)

    def query(self, filters: Any = None, *args: Any, **kwargs: Any) -> Any:
        return super().query(filters or self._scope(), *args, **kwargs)

    def get_related_obj(self, col_name: str, value: Any) -> Any:
        return self.get_related_interface(col_name).get(value)

    def get_related_interface(self, col_name: str) -> Any:
        return ScopedInterface(self.get_related_model(col_name), self.session)

    def get_keys(self, lst: Any) -> Any:
        if has_request_context():  # which rows of a list offer to be changed is asked while they are at hand
            mine = [item for item in lst if access.can(Verb.EDIT, item)]
            g.setdefault("editable", {})[self.obj.__tablename__] = set(super().get_keys(mine))
        return super().get_keys(lst)

    def is_nullable(self, col_name: str) -> bool:
        # An unticked box is an answer: a NOT NULL boolean must not be "required".
        return self.is_boolean(col_name) or super().is_nullable(col_name)

    def query_count(self, query: Any, filters: Any = None, select_columns: Any = None) -> int:
        if filters:
            query = self.apply_filters(query, self.get_inner_filters(filters))
        # The key, not a literal: without a column of the table a scope that is an EXISTS would lose what it hangs on.
        key = getattr(self.obj, self.get_pk_name())
        capped = query.order_by(None).with_entities(key).limit(COUNT_CAP + 1).subquery()
        return int(self.session.scalar(select(func.count()).select_from(capped)) or 0)

    def apply_all(
        self,
        query: Any,
        filters: Any = None,
        order_column: str = "",
        order_direction: str = "",
        page: int | None = None,
        page_size: int | None = None,
        select_columns: Any = None,
        outer_default_load: bool = False,
    ) -> Any:
        page_size = min(page_size, PAGE_SIZE_CAP) if page_size and page_size > 0 else page_size
        if order_column and order_column not in self.list_columns:
            order_column = ""  # never ORDER BY a path the client made up
        if not order_column and page_size:
            order_column, order_direction = self.get_pk_name(), "desc"
        query = super().apply_all(
            query, filters, order_column, order_direction, page, page_size, select_columns, outer_default_load
        )
        if not select_columns:
            to_one = [getattr(self.obj, key) for key in self.list_properties if self.is_relation_many_to_one(key)]
            query = query.options(*(selectinload(relation) for relation in to_one))
        return query

    def _write(self, write: Callable[..., Any], item: Any, commit: bool) -> Any:
        try:
            return write(item, commit)
        except (SQLAlchemyError, DatabaseException, access.NotAllowed, RuleBroken) as error:
            self.session.rollback()
            cause = error.__cause__ if isinstance(error, DatabaseException) and error.__cause__ else error
            if isinstance(cause, access.NotAllowed):
                refusals.note(403)  # the form comes back with the reason, so the answer itself does not tell
            raise Refused(_problems(cause)) from cause

    def add(self, item: Any, commit: bool = True) -> Any:
        return self._write(super().add, item, commit)

    def edit(self, item: Any, commit: bool = True) -> Any:
        return self._write(super().edit, item, commit)

    def delete(self, item: Any, commit: bool = True) -> Any:
        return self._write(super().delete, item, commit)


def _problems(error: BaseException) -> tuple[Problem, ...]:
    if isinstance(error, IntegrityError):
        error = from_integrity_error(error)
    if isinstance(error, RuleBroken):
        return error.problems
    return (Problem("outside" if isinstance(error, access.NotAllowed) else "database_refused"),)

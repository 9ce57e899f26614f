"""What holds for acting posts (代理): the role and unit of the post stood in for, both dates, a year at most, one at a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from app.domain.errors import Problem
from app.features.people.models import Post
from app.kit.db import db

LONGEST = timedelta(days=366)


def overlap(a: Any, b: Any) -> bool:
    """True when two posts or employments are in force on some common day."""
    return (a.from_on or date.min) <= (b.to_on or date.max) and (b.from_on or date.min) <= (a.to_on or date.max)


def standing_in_problems(posts: Sequence[Post]) -> list[Problem]:
    """What is wrong with acting posts among new and changed posts, and with those of a post that was changed under them.

    Shape:  people.substitute_differs, people.substitute_of_substitute, people.same_person, people.substitute_days,
            people.substitute_too_long, people.substitute_taken.
    """
    touched = {id(post): post for post in posts if _filled(post) is not None}
    changed_under = [post.id for post in posts if post.id is not None]
    touched |= {id(post): post for post in _stored(changed_under)}
    return [problem for post in touched.values() for problem in _problems(post, _filled(post))]


def _filled(post: Post) -> Post | None:
    """The post stood in for."""
    if post.acting_for is None and post.acting_for_id is not None:
        return db.session.get(Post, post.acting_for_id)
    return post.acting_for


def _stored(post_ids: Sequence[int]) -> list[Post]:
    """The acting posts for these posts that are not about to be deleted."""
    if not post_ids:
        return []
    rows = db.session.scalars(select(Post).where(Post.acting_for_id.in_(post_ids)))
    return [row for row in rows if row not in db.session.deleted]


def _problems(post: Post, filled: Post | None) -> list[Problem]:
    if filled is None:
        return []
    found = []
    if (post.role, _id(post, "unit")) != (filled.role, _id(filled, "unit")):
        found.append(Problem("people.substitute_differs", "acting_for"))
    if _filled(filled) is not None:
        found.append(Problem("people.substitute_of_substitute", "acting_for"))
    if _id(post, "person") == _id(filled, "person"):
        found.append(Problem("people.same_person", "person"))
    return found + _days(post, filled)


def _id(post: Post, name: str) -> int | None:
    row = getattr(post, name)
    return row.id if row is not None else getattr(post, f"{name}_id")


def _days(post: Post, filled: Post) -> list[Problem]:
    if post.from_on is None or post.to_on is None:
        return [Problem("people.substitute_days", "to_on")]
    if post.to_on - post.from_on > LONGEST:
        return [Problem("people.substitute_too_long", "to_on")]
    if post.from_on < (filled.from_on or date.min) or post.to_on > (filled.to_on or date.max):
        return [Problem("people.substitute_outside", "to_on")]
    beside = [other for other in _stored([filled.id] if filled.id else []) if other is not post]
    return [
        Problem("people.substitute_taken", "from_on", {"name": str(other.person), "until": str(other.to_on)})
        for other in beside
        if overlap(post, other)
    ]

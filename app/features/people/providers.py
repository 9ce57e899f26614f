"""What people tells the kit and the tree."""

from __future__ import annotations

from sqlalchemy import or_, true

from app.features.org import rules as tree_rules
from app.features.org.services import when_closing
from app.features.people import queries, rules
from app.features.people.models import Employment, Person, Post
from app.features.people.problems import SENTENCES
from app.features.people.services import end_posts_at
from app.kit import clock, lookup, problems, saving


def register() -> None:
    """Rules of posts, look-ups, and what goes along when a unit moves or closes."""
    lookup.register(Person, Person.name, labels=queries.person_labels)
    lookup.register(Post, Post.role, labels=queries.post_labels)
    lookup.register(Employment, Employment.title)
    saving.register(Post, rules.before_posts)
    saving.before_deleting(Post, rules.before_deleting_posts)
    saving.register(Employment, rules.before_employments)
    tree_rules.follow(Person, true)
    tree_rules.follow(Post, lambda: or_(Post.to_on.is_(None), Post.to_on >= clock.today()))
    tree_rules.follow(Employment, lambda: or_(Employment.to_on.is_(None), Employment.to_on >= clock.today()))
    when_closing(end_posts_at)
    problems.register(SENTENCES)

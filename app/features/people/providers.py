"""What people tells the kit."""

from __future__ import annotations

from app.features.people.models import Employment, Person, Post
from app.kit import lookup


def register() -> None:
    """Persons, posts and employments for look-ups."""
    lookup.register(Person, Person.name)
    lookup.register(Post, Post.role)
    lookup.register(Employment, Employment.title)

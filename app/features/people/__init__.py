"""Persons, posts and employments: who, in which role, where, from when to when."""

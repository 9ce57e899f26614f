"""The description of the interface for machines (OpenAPI 3): made of the methods that say what they take and give.

A page method under /api/ carries `described(...)`; a test holds routes and description equal, both ways.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from apispec import APISpec
from flask import Flask

from app.kit.bearers import PATH

VERSION = "1"
Schema = Mapping[str, Any]
_schemas: list[Callable[[], Mapping[str, Schema]]] = []
_ARGUMENT = re.compile(r"<(?:(\w+):)?(\w+)>")

PROBLEMS: Schema = {
    "type": "object",
    "properties": {
        "problems": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {name: {"type": "string"} for name in ("code", "where", "message")},
            },
        }
    },
}


@dataclass(frozen=True)
class Described:
    """What an interface method does: `asks` are its query arguments with their meaning, `takes` and `gives` JSON schemas."""

    summary: str
    asks: Mapping[str, str] = field(default_factory=dict)
    takes: Schema | None = None
    gives: Schema = field(default_factory=lambda: {"type": "object"})


def described(summary: str, **about: Any) -> Callable[..., Any]:
    """Say what an interface method does; stands above `guarded`."""

    def mark(method: Callable[..., Any]) -> Callable[..., Any]:
        method.__described__ = Described(summary, **about)  # type: ignore[attr-defined]
        return method

    return mark


def register_schemas(function: Callable[[], Mapping[str, Schema]]) -> None:
    """Add schemas that depend on what the reader may see: `function()` gives name -> schema."""
    if function not in _schemas:
        _schemas.append(function)


def document(app: Flask, title: str) -> dict[str, Any]:
    """The description as the reader may see it."""
    spec = APISpec(title=title, version=VERSION, openapi_version="3.0.3")
    spec.components.security_scheme("key", {"type": "http", "scheme": "bearer"})
    spec.components.schema("Problems", dict(PROBLEMS))
    for function in _schemas:
        for name, schema in function().items():
            spec.components.schema(name, dict(schema))
    for path, methods in sorted(operations(app).items()):
        spec.path(path=path, operations={method: _operation(path, method, about) for method, about in methods.items()})
    return {**spec.to_dict(), "security": [{"key": []}]}


def operations(app: Flask) -> dict[str, dict[str, Described]]:
    """By path, by method, what is described."""
    found: dict[str, dict[str, Described]] = {}
    for rule in app.url_map.iter_rules():
        about = getattr(app.view_functions[rule.endpoint], "__described__", None)
        if about is None or not rule.rule.startswith(PATH):
            continue
        methods = sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
        path = _ARGUMENT.sub(lambda match: f"{{{match[2]}}}", rule.rule)
        found.setdefault(path, {}).update({method.lower(): about for method in methods})
    return found


def _operation(path: str, method: str, about: Described) -> dict[str, Any]:
    inside: Sequence[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "integer"}}
        for name in re.findall(r"{(\w+)}", path)
    ]
    asked = [
        {"name": name, "in": "query", "description": said, "schema": {"type": "string"}}
        for name, said in about.asks.items()
    ]
    made: dict[str, Any] = {
        "summary": about.summary,
        "parameters": [*inside, *asked],
        "responses": {
            "200": {"description": "", "content": {"application/json": {"schema": about.gives}}},
            "401": {"description": "no account or key"},
            "404": {"description": "not there, or out of reach"},
        },
    }
    if method == "get":
        made["responses"] |= {"304": {"description": "unchanged since the ETag sent as If-None-Match"}}
    made["responses"] |= {"429": {"description": "too many requests; Retry-After says in how many seconds"}}
    if about.takes is not None:
        made["requestBody"] = {"content": {"application/json": {"schema": about.takes}}}
        refused = {"application/json": {"schema": {"$ref": "#/components/schemas/Problems"}}}
        made["responses"] |= {"422": {"description": "refused", "content": refused}}
        made["responses"] |= {"409": {"description": "changed meanwhile"}}
    return made

"""Qingdan (清单): checklist governance for townships and counties."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask


def create_app(config: Any = None) -> Flask:
    """The portal as a WSGI application; imported lazily so that the rules load without Flask."""
    from app.factory import create_app as make

    return make(config)

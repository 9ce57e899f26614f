"""The list pack that ships with the portal, as data."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import yaml

from app.config import data_dir


@functools.cache
def caojing() -> Mapping[str, Any]:
    """The pack of the four Caojing lists, as it stands in seed/; read once, never changed."""
    text = (data_dir("seed") / "packs" / "caojing.yaml").read_text(encoding="utf-8")
    return yaml.safe_load(text)  # type: ignore[no-any-return]

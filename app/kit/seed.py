"""The files of seed/ that loading steps read."""

from __future__ import annotations

import json
from typing import Any

import yaml

from app.config import data_dir


def read(path: str) -> Any:
    """The contents of a JSON or YAML file under seed/, e.g. `demo/org_town.json`."""
    text = (data_dir("seed") / path).read_text(encoding="utf-8")
    return json.loads(text) if path.endswith(".json") else yaml.safe_load(text)

"""What was typed into a form on a page, as it was typed: nothing is checked here."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from app.domain.formspec import NOT_APPLICABLE, Field, FieldType, FormSpec

SEVERAL = (FieldType.CHOICES, FieldType.ATTACHMENT)


def typed_answers(spec: FormSpec, sent: Mapping[str, str], prefix: str = "") -> dict[str, Any]:
    """What was typed: text by field, "NA" where the box was ticked, None for nothing.

    Shape: several choices and the files that stay are lists; repeating rows a list of such answers, empty ones left out.
    """
    return {asked.code: _typed(asked, sent, prefix + asked.code) for asked in spec.fields() if not asked.computed} | {
        asked.code: None for asked in spec.fields() if asked.computed
    }


def _typed(asked: Field, sent: Mapping[str, str], name: str) -> Any:
    if asked.type is FieldType.ROWS:
        return _rows(asked, sent, name)
    if asked.na_allowed and sent.get(f"{name}-na"):
        return NOT_APPLICABLE
    if asked.type in SEVERAL:
        return [text for text in _all(sent, name) if text.strip()] or None
    return (sent.get(name) or "").strip() or None


def _rows(asked: Field, sent: Mapping[str, str], name: str) -> list[dict[str, Any]] | None:
    """The rows in the order of their numbers, which may have gaps; more than the form takes are kept to be refused."""
    pattern = re.compile(re.escape(name) + r"-(\d{1,6})-")
    numbers = sorted({int(found[1]) for key in sent if (found := pattern.match(key))})[: asked.row_limit + 1]
    rows = [
        {column.code: _typed(column, sent, f"{name}-{number}-{column.code}") for column in asked.columns}
        for number in numbers
    ]
    return [row for row in rows if any(answer is not None for answer in row.values())] or None


def _all(sent: Mapping[str, str], name: str) -> Sequence[str]:
    several = getattr(sent, "getlist", None)
    if several is not None:
        return several(name)  # type: ignore[no-any-return]
    return [sent[name]] if name in sent else []

"""What the designer is given: the draft with its formulas in words, the preview, the redline, its words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from app.domain.errors import broken
from app.domain.formspec import NUMBERS, TEXTS, offered_answers, placed_problems, right_part
from app.features.forms import formulas, words
from app.features.forms.queries import Impact
from app.features.forms.records import record_form
from app.kit import names
from app.kit.i18n import _, language
from app.kit.problems import sentence

PREFIX = "preview-"


def start_of(draft: Mapping[str, Any]) -> dict[str, Any]:
    """What the page starts from: the draft, its formulas as rows where they can be, and what is wrong with it."""
    rows = {path: formulas.as_rows(formula) for path, formula in formulas.formulas_of(draft)}
    return {"spec": draft, "rows": {path: found for path, found in rows.items() if found}, **told(draft)}


def told(draft: Mapping[str, Any]) -> dict[str, Any]:
    """What is wrong with a draft, at paths; and its formulas in words."""
    said_ = {path: formulas.in_words(formula, draft) for path, formula in formulas.formulas_of(draft)}
    problems = [{"path": path, "message": sentence(problem)} for path, problem in placed_problems(draft)]
    return {"problems": problems, "spoken": said_}


def preview_of(draft: Mapping[str, Any]) -> dict[str, Any]:
    """The form as it will look, as far as it is right."""
    spec = right_part(draft)
    record = None if spec is None else record_form(spec, offered_answers(spec, {}), PREFIX)
    return {"record": record}


def draft_text(draft: Mapping[str, Any]) -> str:
    """A draft as the text that can be changed by hand."""
    return str(yaml.safe_dump(dict(draft), allow_unicode=True, sort_keys=False, width=120))


def read_text(text: str) -> Any:
    """The draft a text holds. Errors: form.bad_yaml, also for text that names a part of itself, which may grow without end."""
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=yaml.SafeLoader)):
            raise broken("form.bad_yaml", "spec", reason="&, *")
        return yaml.safe_load(text) or {}
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        reason = str(getattr(error, "problem_mark", "") or error)[:200]
        raise broken("form.bad_yaml", "spec", reason=reason.strip()) from error


@dataclass(frozen=True)
class RedlineRow:
    """One changed setting of a field, in words."""

    code: str
    label: str
    what: str
    word: Any
    tone: str
    setting: Any = ""
    old: str = ""
    new: str = ""


def redline_rows(found: Impact) -> Iterator[RedlineRow]:
    """What a version changes, one row for each setting."""
    for change in found.changes:
        word, tone = words.CHANGES[change.what]
        head = (change.code, change.label.in_language(language()), change.what, word, tone)
        if not change.changes:
            yield RedlineRow(*head)
        for part in change.changes:
            setting = words.SETTINGS.get(part.setting, part.setting)
            yield RedlineRow(*head, setting, _as_said(part.setting, part.old), _as_said(part.setting, part.new))


def _as_said(setting: str, text: str) -> str:
    if setting == "type" and text in words.TYPES:
        return str(words.TYPES[text][0])
    if setting == "level":
        return names.level(text)
    return {"True": _("Yes"), "False": _("No"), "last_value": _("Last answer")}.get(text, text)


def said() -> dict[str, Any]:
    """The words and tables the script of the designer needs."""
    return {
        "types": {code.value: {"word": word, "icon": icon} for code, (word, icon) in words.TYPES.items()},  # type: ignore[attr-defined]
        "settings": words.SETTINGS,
        "signs": words.SIGNS,
        "masks": [list(mask) for mask in words.MASKS],
        "levels": list(names.levels().items()),
        "list_kinds": list(words.LIST_KINDS.items()),
        "known": list(words.KNOWN.items()),
        "numbers": sorted(NUMBERS),
        "texts": sorted(TEXTS),
        "functions": list(words.FUNCTIONS.items()),
        **words.PAGE,
    }

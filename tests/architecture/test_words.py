"""The catalogues: Chinese is complete, placeholders agree, Korean falls back to Chinese."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


def catalogues() -> Any:
    spec = importlib.util.spec_from_file_location("catalogues", ROOT / "translations" / "build.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)", text))


def test_every_message_of_the_code_has_chinese() -> None:
    module = catalogues()
    chinese = module.catalogue("zh_Hans_CN")
    missing = [m.id for m in module.extracted() if m.id and (m.id not in chinese or not chinese[m.id].string)]
    assert missing == []


@pytest.mark.parametrize("locale", ["zh_Hans_CN", "en", "ko"])
def test_translations_keep_their_placeholders(locale: str) -> None:
    for message in catalogues().catalogue(locale):
        if message.id and isinstance(message.id, str) and message.string:
            assert placeholders(message.id) >= placeholders(message.string), message.id


def test_korean_never_falls_back_to_english() -> None:
    module = catalogues()
    chinese = module.catalogue("zh_Hans_CN")
    same = [m.id for m in module.catalogue("ko") if m.id and m.string == m.id and chinese[m.id].string != m.id]
    assert [text for text in same if re.search("[A-Za-z]", re.sub(r"%\(\w+\)s", "", text))] == []


def test_every_problem_code_raised_in_the_code_has_a_sentence(app: Any) -> None:
    from app.kit.problems import has_sentence

    raised = set()
    for path in (ROOT / "app").rglob("*.py"):
        raised |= set(re.findall(r'(?:Problem|broken)\(\s*"([a-z_]+\.[a-z_]+)"', path.read_text(encoding="utf-8")))
    assert sorted(code for code in raised if not has_sentence(code)) == []


def test_a_reader_of_korean_sees_chinese_where_korean_is_missing(app: Any, client: Any) -> None:
    page = client.get("/lang/ko", follow_redirects=True).get_data(as_text=True)
    assert '<html lang="ko"' in page

"""Pages as a browser gets them: language, frame, search, forms, errors, and nothing from elsewhere."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from flask import render_template_string
from wtforms import BooleanField, Form, StringField, validators

from app.kit.errors import page

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "app").rglob("templates/**/*.html"))


def text_of(html: str) -> str:
    """What stands on the page, without markup."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def render(app: Any, source: str, **values: Any) -> str:
    with app.test_request_context("/somewhere/?unit=1&unit=2&page=2"):
        return render_template_string('{% import "portal/ui.html" as ui %}' + source, **values)


def test_a_page_says_its_language_and_leads_past_the_navigation(client: Any) -> None:
    html = client.get("/login/").text
    assert '<html lang="zh-CN">' in html
    assert 'href="#main"' in html and 'id="main"' in html


def test_the_sign_in_page_labels_its_fields_for_people_and_password_managers(client: Any) -> None:
    html = client.get("/login/").text
    for field, hint in (("username", "username"), ("password", "current-password")):
        assert f'<label for="{field}">' in html
        assert f'autocomplete="{hint}"' in html


def test_every_script_carries_the_nonce_and_nothing_comes_from_elsewhere(world: Any, sign_in: Any) -> None:
    answer = sign_in("county_administrator").get("/units/list/")
    nonce = re.search(r"'nonce-([^']+)'", answer.headers["Content-Security-Policy"])
    scripts = re.findall(r"<script[^>]*>", answer.text)
    assert nonce and scripts
    assert all(f'nonce="{nonce[1]}"' in script and "src=" in script for script in scripts)
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', answer.text)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_template_holds_an_inline_script_or_handler(template: Path) -> None:
    source = template.read_text(encoding="utf-8")
    assert not re.search(r"<script(?![^>]*\bsrc=)", source)
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", source)


def test_the_top_bar_says_where_one_stands(world: Any, sign_in: Any) -> None:
    words = text_of(sign_in("chief_grid_leader").get("/account/").text)
    assert "甲东村总网格 · 总网格长" in words


def test_the_navigation_offers_only_what_one_may_open(world: Any, sign_in: Any) -> None:
    administrator = sign_in("county_administrator").get("/account/").text
    volunteer = sign_in("volunteer").get("/account/").text
    assert 'href="/units/list/"' in administrator
    entries = re.findall(r'href="([^"]+)"', volunteer[volunteer.index('id="sidenav"') : volunteer.index("</nav>")])
    browser = sign_in("volunteer")
    assert [entry for entry in entries if browser.get(entry).status_code in (403, 404)] == []


def test_a_list_is_searched_by_what_a_name_contains(world: Any, sign_in: Any) -> None:
    browser = sign_in("county_administrator")
    form = browser.get("/units/list/").text
    name = re.search(r'id="flt-name"[^>]*name="([^"]+)"|name="([^"]+)"[^>]*id="flt-name"', form)
    assert name, "the search offers the name"
    found = browser.get("/units/list/", query_string={name[1] or name[2]: "东村总"}).text
    rows = found[found.index("<tbody>") :]
    assert "甲东村总网格" in rows and "甲西村总网格" not in rows
    assert 'value="东村总"' in found, "what was searched for stays in its field"


def test_an_error_page_says_what_happened_in_words(client: Any) -> None:
    answer = client.get("/no-such-page")
    assert answer.status_code == 404
    assert "没有找到" in text_of(answer.text)


def test_the_page_of_an_incident_shows_its_number(app: Any, session: Any) -> None:
    with app.test_request_context("/"):
        html, status = page(500, "AB12CD34")
    assert status == 500
    assert "AB12CD34" in html


class _NameForm(Form):
    name = StringField("名称", [validators.InputRequired()], description="写全称")
    active = BooleanField("启用")


def test_a_field_is_tied_to_its_label_help_and_error(app: Any, session: Any) -> None:
    form = _NameForm()
    form.name.errors = ["请填写此项。"]
    html = render(
        app, "{{ ui.error_summary(form) }}{{ ui.form_field(form.name) }}{{ ui.form_field(form.active) }}", form=form
    )
    assert '<label for="name">' in html
    assert 'aria-describedby="name-help name-error"' in html and 'aria-invalid="true"' in html
    assert 'id="name-help"' in html and 'id="name-error"' in html
    assert '<a href="#name">' in html, "the summary leads to the field"


def test_a_state_is_told_by_shape_and_word_not_by_colour_alone(app: Any, session: Any) -> None:
    shapes = set()
    for tone in ("ok", "done", "wait", "warn", "bad", "off", "info"):
        html = render(app, "{{ ui.state('待办', tone) }}", tone=tone)
        assert "待办" in html
        shapes.add(text_of(html))
    assert len(shapes) == 7


def test_an_act_is_a_post_with_its_token_and_its_question(app: Any, session: Any) -> None:
    html = render(app, "{{ ui.post_button('/x', '提交', confirm='确定吗？', fields={'version': 3}) }}")
    assert 'method="post"' in html and 'name="csrf_token"' in html
    assert 'data-confirm="确定吗？"' in html and 'name="version" value="3"' in html


def test_cells_carry_their_label_for_phones_and_hide_nothing(app: Any, session: Any) -> None:
    html = render(
        app, "{% call ui.table('得分', ['村', ('分', 'num')]) %}<tr>{{ ui.td('村', none) }}</tr>{% endcall %}"
    )
    assert 'data-label="村"' in html and "—" in html
    assert '<th scope="col" class="num">分</th>' in html


def test_markup_in_data_is_shown_not_run(app: Any, session: Any) -> None:
    html = render(
        app, "{{ ui.state(word) }}{{ ui.dl([(word, word)]) }}{{ ui.page_head(word) }}", word="<script>alert(1)</script>"
    )
    assert "<script>" not in html


def test_paging_keeps_the_rest_of_the_address(app: Any, session: Any) -> None:
    with app.test_request_context("/login/?unit=1&unit=2&page=2"):
        html = render_template_string('{% import "portal/ui.html" as ui %}{{ ui.pagination(2, 3, 50) }}')
    assert "unit=1&amp;unit=2&amp;page=3" in html and "page=1" in html


def test_front_end_packages_are_exact_and_the_lock_names_no_registry() -> None:
    wanted = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["dependencies"]
    lock = (ROOT / "package-lock.json").read_text(encoding="utf-8")
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted.values())
    assert "resolved" not in lock and "://" not in lock
    assert all("integrity" in package for name, package in json.loads(lock)["packages"].items() if name)

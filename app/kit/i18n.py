"""Translation: message ids are English; users read Chinese unless they choose otherwise."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Flask, current_app, session
from flask_babel import force_locale, get_locale, gettext, lazy_gettext, ngettext

_ = gettext
_l = lazy_gettext
_n = ngettext

__all__ = ["_", "_l", "_n", "chosen", "html_lang", "init_app", "kept"]

_HTML_LANG = {"zh_Hans_CN": "zh-CN", "en": "en", "ko": "ko"}


def language() -> str:
    """The language code of the reader, one of config LANGUAGES."""
    locale = str(get_locale() or "")
    return locale if locale in _HTML_LANG else "zh_Hans_CN"


def html_lang() -> str:
    """The value of `<html lang>`."""
    return _HTML_LANG[language()]


def kept(words: object) -> str:
    """Words of the portal as they are kept with a record and printed later: in the language of the records."""
    with force_locale(current_app.config["BABEL_DEFAULT_LOCALE"]):
        return str(words)


def chosen(names: Mapping[str, str] | str | None) -> str:
    """The name for the reader out of names kept as data, e.g. {"zh": "总网格", "en": "Total grid", "ko": …}.

    Korean falls back to Chinese, English to Chinese, and a plain string is returned as it is.
    """
    if not isinstance(names, Mapping):
        return names or ""
    key = language().split("_")[0]
    return names.get(key) or names.get("zh") or next(iter(names.values()), "")


def _sane_locale() -> None:
    # A session may hold a language that is no longer offered; Flask-AppBuilder would answer 500.
    if session.get("locale") and session["locale"] not in current_app.config["LANGUAGES"]:
        session.pop("locale")


def init_app(app: Flask) -> None:
    """Keep the session's language sane and give templates `html_lang()` and `chosen()`."""
    app.before_request(_sane_locale)
    app.jinja_env.globals.update(html_lang=html_lang, chosen=chosen)

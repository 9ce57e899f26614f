"""Translation: message ids are English; users read Chinese unless they choose otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask, current_app, g, session
from flask_babel import force_locale, get_locale, get_translations
from flask_babel.speaklater import LazyString
from markupsafe import Markup


def _reader() -> tuple[Any, Any, str]:
    """The reader's locale, Flask-Babel's catalogue and our code for it, kept together: a page asks some hundreds of times."""
    held = g.__dict__.get("_flask_babel") if g else None
    reader: tuple[Any, Any, str] | None = getattr(held, "reader", None)
    if reader is None or reader[0] is not getattr(held, "babel_locale", None):
        locale = get_locale()
        reader = (locale, get_translations(), _code(locale))
        if locale is not None:
            g._flask_babel.reader = reader
    return reader


def _catalogue() -> Any:
    return _reader()[1]


def gettext(message: str, **values: Any) -> str:
    """The message in the reader's language."""
    words = _catalogue().ugettext(message)
    return words % values if values else words  # type: ignore[no-any-return]


def ngettext(one: str, many: str, num: int, **values: Any) -> str:
    """The message for so many in the reader's language."""
    return _catalogue().ungettext(one, many, num) % {"num": num, **values}  # type: ignore[no-any-return]


def lazy_gettext(message: str, **values: Any) -> LazyString:
    """The message, put into the language of whoever reads it when it is read."""
    return LazyString(gettext, message, **values)


def _in_template(message: str, **values: Any) -> Markup:
    """What `_` is in a template: the message is markup, and what stands in it is escaped."""
    words = Markup(_catalogue().ugettext(message))
    return words % values if values or "%" in words else words


_ = gettext
_l = lazy_gettext
_n = ngettext

__all__ = ["_", "_l", "_n", "chosen", "html_lang", "init_app", "kept"]

_HTML_LANG = {"zh_Hans_CN": "zh-CN", "en": "en", "ko": "ko"}


def language() -> str:
    """The language code of the reader, one of config LANGUAGES."""
    return _reader()[2]


def _code(locale: Any) -> str:
    code = str(locale or "")
    return code if code in _HTML_LANG else "zh_Hans_CN"


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
    app.jinja_env.globals.update(html_lang=html_lang, chosen=chosen, _=_in_template)

"""Keep the catalogues: `python translations/build.py` extracts, updates and compiles; `--compile` only compiles.

English ids are their own English text; Korean falls back to Chinese, not to English, so the compiled Korean catalogue
is filled from the Chinese one.
"""

from __future__ import annotations

import argparse
import copy
import json
import sys
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

HERE = Path(__file__).resolve().parent
LOCALES = ("zh_Hans_CN", "en", "ko")
EMPTY_HEADERS = tuple(
    f'"{name}'
    for name in ("POT-Creation-Date", "PO-Revision-Date", "Generated-By", "Report-Msgid", "Last-Tr", "Language-Team")
)
KEYWORDS = {"_": None, "_l": None, "_n": (1, 2), "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}


def extracted() -> Catalog:
    """Every message id in app/, in a stable order, without line numbers (they would make every change a diff)."""
    catalog = Catalog(project="qingdan", charset="utf-8")
    methods = [("app/**.py", "python"), ("app/**/templates/**.html", "jinja2")]
    options = {"app/**/templates/**.html": {"silent": "false", "extensions": "jinja2.ext.i18n"}}
    for filename, _line, message, comments, context in extract_from_dir(
        str(HERE.parent), methods, options, KEYWORDS, comment_tags=()
    ):
        if filename.startswith("app/"):
            catalog.add(message, None, [(filename, 0)], auto_comments=comments, context=context)
    extra = json.loads((HERE / "framework.json").read_text(encoding="utf-8"))
    for message in extra:
        catalog.add(message, None, [("flask_appbuilder", 0)])
    return catalog


def catalogue(locale: str) -> Catalog:
    """The committed catalogue of a locale; an empty one when there is none."""
    path = HERE / locale / "LC_MESSAGES" / "messages.po"
    if not path.exists():
        return Catalog(locale=locale, project="qingdan", charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=locale)


def save(locale: str, catalog: Catalog) -> None:
    """Write a catalogue sorted by id, without dates."""
    path = HERE / locale / "LC_MESSAGES" / "messages.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    catalog.header_comment = f"# Qingdan: {locale}."
    catalog.fuzzy = False
    buffer = BytesIO()
    write_po(buffer, catalog, sort_output=True, no_location=True, omit_header=False, ignore_obsolete=True, width=120)
    lines = [line for line in buffer.getvalue().decode().splitlines() if not line.startswith(EMPTY_HEADERS)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def update(fragments: dict[str, dict[str, str]]) -> None:
    """Bring every catalogue in step with the code; `fragments` are new translations by locale and id."""
    template = extracted()
    for locale in LOCALES:
        catalog = catalogue(locale)
        catalog.update(copy.deepcopy(template), no_fuzzy_matching=True)  # its messages become the catalogue's own
        for message in catalog:
            words = fragments.get(locale, {}).get(
                message.id if isinstance(message.id, str) else message.id[0] if message.id else ""
            )
            if words:
                message.string = words if isinstance(message.id, str) else (words,) * len(message.string or ("",))
            if locale == "en" and message.id and not message.string:
                message.string = message.id
        save(locale, catalog)


def compile_all() -> list[str]:
    """Compile every catalogue; returns the ids that have no Chinese."""
    chinese = catalogue("zh_Hans_CN")
    for locale in LOCALES:
        catalog = copy.copy(catalogue(locale))
        if locale == "ko":
            _fill(catalog, chinese)
        with (HERE / locale / "LC_MESSAGES" / "messages.mo").open("wb") as file:
            write_mo(file, catalog)
    return [str(m.id) for m in chinese if m.id and not m.string]


def _fill(catalog: Catalog, chinese: Catalog) -> None:
    for message in catalog:
        other = chinese.get(message.id) if message.id else None
        empty = not message.string or (isinstance(message.string, tuple) and not any(message.string))
        if other is not None and empty:
            message.string = other.string


def read_fragments(folder: Path) -> dict[str, dict[str, str]]:
    """Translations kept as {id: [Chinese, Korean]} in the JSON files of a folder; an empty one takes nothing away."""
    found: dict[str, dict[str, str]] = {"zh_Hans_CN": {}, "ko": {}}
    for path in sorted(folder.glob("*.json")):
        for message, (chinese, korean) in json.loads(path.read_text(encoding="utf-8")).items():
            found["zh_Hans_CN"][message] = chinese
            found["ko"][message] = korean or found["ko"].get(message, "")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--compile", action="store_true", help="only compile")
    parser.add_argument("--fragments", type=Path, help="folder of JSON files with new translations")
    arguments = parser.parse_args()
    if not arguments.compile:
        update(read_fragments(arguments.fragments) if arguments.fragments else {})
    missing = compile_all()
    for message in missing:
        sys.stdout.write(f"no Chinese: {message}\n")
    return 1 if missing and not arguments.compile else 0


if __name__ == "__main__":
    raise SystemExit(main())

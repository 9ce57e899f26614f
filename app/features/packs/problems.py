"""Sentences of packs."""

from __future__ import annotations

from app.kit.i18n import _l

SENTENCES = {
    "pack.not_an_object": _l("This is no pack: it has no named parts."),
    "pack.unknown_key": _l("“%(key)s” is no part of a pack."),
    "pack.bad_code": _l("“%(value)s” is no code: Latin letters, digits, - and _ only."),
    "pack.bad_key": _l("A name in the file is no text or too long."),
    "pack.bad_version": _l("The version of a pack is a whole number from 1."),
    "pack.name_missing": _l("The name is missing."),
    "pack.not_a_list": _l("Here a list of entries is expected."),
    "pack.too_many": _l("Too many entries: at most %(most)s."),
    "pack.duplicate_code": _l("The code “%(code)s” stands more than once."),
    "pack.kind_missing": _l("The list does not say of which kind it is."),
    "pack.count_differs": _l("The source states %(stated)s items, but %(named)s are named and %(open)s left open."),
    "pack.category_unknown": _l("The category “%(category)s” is not among those of the list."),
    "pack.category_count": _l("“%(category)s” states %(stated)s items and names %(named)s."),
    "pack.category_sum": _l("The categories come to %(sum)s items, the list states %(stated)s."),
    "pack.unknown_source": _l("“%(source)s” does not say where the item comes from."),
    "pack.spec_missing": _l("The form has no fields."),
    "pack.formula_missing": _l("The indicator has no formula."),
    "pack.bad_facts": _l("The figures of the pack are not written as they should be."),
    "pack.unknown_figure": _l("“%(place)s” is no place a figure can be read from."),
    "pack.too_deep": _l("The file is nested too deeply or has too many parts."),
    "pack.too_long": _l("A text in the file is longer than %(most)s characters."),
    "pack.bad_value": _l("“%(value)s” is neither text nor a whole number; put it in quotation marks."),
    "pack.too_large": _l("The file is larger than %(most)s KB."),
    "pack.not_text": _l("The file is no text in UTF-8."),
    "pack.not_yaml": _l("The file cannot be read as YAML: look at line %(line)s."),
    "pack.aliases": _l("The file refers to parts of itself (& and *). Write each part out."),
    "pack.not_loaded": _l("The pack %(code)s has not been loaded here."),
    "pack.unknown": _l("There is no pack “%(code)s”. There are: %(known)s."),
    "pack.ships_with_portal": _l("The code “%(code)s” is that of a pack of the portal. Give yours another code."),
    "pack.version_taken": _l("Version %(version)s of %(code)s has been taken in already with another content."),
    "pack.unknown_unit": _l("There is no unit “%(unit)s”."),
    "pack.no_file": _l("Choose a file."),
    "pack.nothing_chosen": _l("Choose at least one list."),
}

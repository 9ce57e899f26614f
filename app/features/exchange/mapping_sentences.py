"""Sentences of 旧表对接."""

from __future__ import annotations

from app.kit.i18n import _l

MAPPING_SENTENCES = {
    "exchange.no_table": _l(
        "The columns of this sheet cannot be matched by hand: it is recognised by the items of its scheme."
    ),
    "exchange.nothing_to_map": _l("The workbook has no worksheet with anything in it."),
    "exchange.name_missing": _l("Give the mapping a name, so that it is found again."),
    "exchange.fields_missing": _l("These columns are not matched yet: %(fields)s."),
    "exchange.nothing_chosen": _l("Choose at least one column to fill in."),
    "exchange.other_rows": _l("None of the rows of this workbook is stored here, so there is nothing to fill in."),
    "exchange.no_template": _l(
        "Of this mapping no workbook is kept. Upload the workbook again and save the mapping once more."
    ),
}

"""Sentences of the exchange."""

from __future__ import annotations

from app.kit import problems
from app.kit.i18n import _l


def register() -> None:
    """Give every refusal of the exchange its words."""
    problems.register(
        {
            "exchange.unknown_sheet": _l("There is no sheet “%(sheet)s”. Choose one of: %(known)s."),
            "exchange.unknown_unit": _l(
                "There is no unit “%(unit)s” in your area. Give its code, or a path such as 镇/村."
            ),
            "exchange.has_errors": _l(
                "%(count)s rows were refused. Mend them in the file, or choose “save the good rows”."
            ),
            "exchange.nothing_to_save": _l("The file holds no row that can be saved."),
            "exchange.cancelled": _l("This preview was put aside. Upload the file again."),
            "exchange.too_many_waiting": _l(
                "%(count)s of your uploads wait to be confirmed. Save them or put them aside, then upload again."
            ),
            "exchange.too_much_waiting": _l(
                "Your uploads that wait to be confirmed hold %(megabytes)s MB and more. Save them or put them aside first."
            ),
            "exchange.too_many_rows": _l(
                "%(count)s rows are more than one workbook takes (%(most)s). Choose a smaller unit or a shorter period."
            ),
            "exchange.no_file": _l("Choose a workbook first (.xlsx, .xls or .csv)."),
        }
    )

"""Sentences of the exchange."""

from __future__ import annotations

from app.features.exchange.mapping_sentences import MAPPING_SENTENCES
from app.features.exchange.offered import MAKING
from app.features.exchange.services import confirming, importing, leaving, making, undo
from app.features.exchange.undo_sentences import UNDO_SENTENCES, UNDO_STAGES
from app.kit import jobs, problems
from app.kit.i18n import _l


def register() -> None:
    """Give every refusal of the exchange its words, and say what its long work is."""
    jobs.register(importing.READING, importing.read_in_job, _l("Reading a workbook"))
    jobs.register(confirming.SAVING, confirming.save_in_job, _l("Saving a workbook"))
    jobs.register(leaving.JOB, leaving.run_job, _l("Making a file to take along"))
    jobs.register(MAKING, making.make_in_job, _l("Making a workbook"))
    jobs.register(undo.JOB, undo.undo_in_job, _l("Undoing an import"), UNDO_STAGES)
    problems.register(MAPPING_SENTENCES)
    problems.register(UNDO_SENTENCES)
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
            "exchange.changed_meanwhile": _l(
                "Somebody has changed what %(count)s of these rows are about. Nothing was saved; the list now shows what stands there."
            ),
            "exchange.changed_row": _l("Changed by somebody after the preview: look at it again."),
            "exchange.saved_already": _l("This import was saved, or is being saved; its rows stand as they are."),
            "exchange.not_kept": _l("The file is not kept any more. Upload it again."),
            "exchange.no_office": _l("Say for which unit you import; what a word means is settled per office."),
            "exchange.unknown_meaning": _l("“%(meaning)s” is not one of the names known here. Choose one of the list."),
            "exchange.nothing_refused": _l("No row was refused."),
            "exchange.not_refused": _l("This row has been mended already."),
            "exchange.cannot_mend": _l("This row cannot be mended here. Mend it in the file and upload it again."),
            "exchange.too_many_waiting": _l(
                "%(count)s of your uploads wait to be confirmed. Save them or put them aside, then upload again."
            ),
            "exchange.too_much_waiting": _l(
                "Your uploads that wait to be confirmed hold %(megabytes)s MB and more. Save them or put them aside first."
            ),
            "exchange.too_many_rows": _l(
                "%(count)s rows are more than one workbook takes (%(most)s). Choose a smaller unit or a shorter period, or take a plain table."
            ),
            "exchange.unknown_form": _l("Choose Excel (.xlsx) or text (.csv)."),
            "exchange.files_full": _l(
                "Your files in the export centre hold %(megabytes)s MB and more. Delete some that you do not need any more."
            ),
            "exchange.no_file": _l("Choose a workbook first (.xlsx, .xls or .csv)."),
        }
    )

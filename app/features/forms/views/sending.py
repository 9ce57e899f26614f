"""What a page of a record sent: the answers as an entry for the service, and the files, kept with the record or held."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from flask import request

from app.domain.errors import Problem, RuleBroken, broken
from app.features.forms import services
from app.features.forms.models import HeldFile
from app.features.forms.views.record_pages import Page
from app.kit.db import transaction


def entry_of(page: Page, sent: Mapping[str, str], seen: str, *, files_of_page: bool = True) -> services.Entry:
    """What the service is to save of a page; `seen` is the version of the record the page showed."""
    return services.Entry(
        page.form,
        page.unit,
        page.typed(sent) if files_of_page else {**page.typed(sent), **dict.fromkeys(page.file_fields)},
        period=page.period,
        record=page.record,
        version=_version(page, seen),
        issue_id=page.issue_id,
        is_test=page.is_test,
    )


def _version(page: Page, seen: str) -> int | None:
    """The version the page showed, or the one that came of keeping its files; a page that does not say is never right."""
    if page.record is None:
        return None
    if page.added:
        return page.record.version
    return int(seen) if seen.isascii() and seen.isdecimal() else -1


class FilesSent:
    """The files a page sent, and those held from an earlier page and still ticked, by their fields."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.sent = {code: _sent_files(code) for code in page.file_fields}
        self.waiting = {code: _held_files(page, code) for code in page.file_fields}

    def kept(self, sent: Mapping[str, str], seen: str) -> Page:
        """The page with its files kept in its record, which is begun as a draft where there is none.

        Errors: those of `save_records` and `attach`; conflict.
        """
        page = self.page
        named = {
            code: [*((one.name, one.content) for one in self.waiting[code]), *self.sent[code]]
            for code in page.file_fields
        }
        if not any(named.values()):
            return page
        with transaction():
            record = page.record
            if record is None:
                (record,) = services.save_records([entry_of(page, sent, seen, files_of_page=False)], submit=False)
            elif _version(page, seen) != record.version:
                raise broken("conflict")
            added = {
                code: [services.attach(record, code, name, content).id for name, content in found]
                for code, found in named.items()
            }
            services.let_go_of([one for found in self.waiting.values() for one in found])
        return replace(page, record=record, added=added)

    def held(self) -> tuple[Page, list[Problem]]:
        """The page with its files held until it comes again, and why some of them cannot be."""
        held, problems = {}, []
        for code in self.page.file_fields:
            held[code] = _held_files(self.page, code)
            for name, content in self.sent[code]:
                try:
                    held[code].append(services.hold(self.page.form, code, name, content))
                except RuleBroken as refused:
                    problems += refused.problems
        return replace(self.page, held=held), problems


def _sent_files(code: str) -> list[tuple[str, bytes]]:
    return [(file.filename, file.read()) for file in request.files.getlist(f"{code}-file") if file.filename]


def _held_files(page: Page, code: str) -> list[HeldFile]:
    return services.held_files(page.form, code, request.form.getlist(f"{code}-held"))

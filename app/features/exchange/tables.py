"""What can leave as a plain table: the list of a page, or the rows of a door; one header, one row for each record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask_babel import force_locale

from app.domain.rights import Resource
from app.kit import clock, listing, lookup
from app.kit.access import actor
from app.kit.excel.plain import Plain
from app.kit.excel.result import NOT_APPLICABLE
from app.kit.excel.sheet import ExportMeta, Matrix, Sheet, layout_of
from app.kit.excel.writer import shown
from app.kit.exchange import Door, Options
from app.kit.i18n import _, language
from app.kit.listing import Args, Listing

Cells = Sequence[Any]
Facts = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Table:
    """A table about to leave: how it is called, where it is from, its header and its rows, which may be asked for once.

    `left_out`: rows the page shows and the actor may not export; `masked`: some column does not go out whole.
    """

    code: str
    title: str
    resource: Resource
    headers: Sequence[str]
    rows: Iterator[Cells]
    count: int
    about: Facts = ()
    left_out: int = 0
    masked: bool = False

    def plain(self) -> Plain:
        """The table as the writer takes it, with what it says about itself."""
        who, lines = actor(), [(str(_("Name of the table")), self.title), *self.about]
        lines += [
            (str(_("Exported by")), f"{who.name}（{who.username}）" if who.name != who.username else who.username),
            (str(_("Exported at")), clock.now().astimezone(clock.SHANGHAI).strftime("%Y-%m-%d %H:%M")),
            (str(_("Rows")), str(self.count)),
        ]
        if self.masked:
            lines.append((str(_("Masking note")), str(_("Telephone numbers stand masked in this file."))))
        if self.left_out:
            lines.append(
                (str(_("Left out")), str(_("%(count)s rows you may see but not export.", count=self.left_out)))
            )
        cut = str(
            _("%(count)s cells were too long or held characters no cell stores; they are marked.", count="%(count)s")
        )
        return Plain(self.title, self.headers, lines, cut)


# -- lists -----------------------------------------------------------------------------------------


def of_list(found: Listing, args: Args, whole: bool = False) -> Table:
    """The list of a page with these arguments, as the actor may export it."""
    count = listing.count(listing.leaving(found, args))
    asked = found.shown(args)
    about = ((str(_("Area")), _places()), *(((str(_("Search")), asked),) if asked else ()))
    return Table(
        code=f"list-{found.code}",
        title=str(found.title),
        resource=found.resource,
        headers=[_header(column.label) for column in found.columns],
        rows=listing.rows(found, args, whole),
        count=count,
        about=about,
        left_out=max(0, listing.count(listing.seen(found, args)) - count),
        masked=bool(found.masks()) and not whole,
    )


def _header(label: Any) -> str:
    """The label; for readers of Korean in a second line, below the Chinese one the office files it under."""
    if language() != "ko":
        return str(label)
    with force_locale("zh_Hans_CN"):
        chinese = str(label)
    return chinese if chinese == str(label) else f"{chinese}\n{label}"


def _places() -> str:
    """Where the actor stands."""
    return "、".join(dict.fromkeys(lookup.name("org_unit", post.unit_id) for post in actor().posts)) or "—"


# -- doors -----------------------------------------------------------------------------------------


def of_door(door: Door, options: Options, whole: bool = False) -> Table:
    """The rows of a door, without the title, merges and totals of its layout."""
    rows, meta = door.rows(options)
    layout, facts = layout_of(door.layout), ExportMeta.of(meta)
    wanted = str(options.extra.get("variant") or "")
    variant = next((v for v in layout.variants if v.code == wanted), layout.variants[0])
    if isinstance(variant, Matrix):
        headers, cells = _score_table(meta, rows)
        count = len(rows) * (len(meta["scheme"].items) + len(meta["scheme"].deductions))
    else:
        headers, cells, count = _flat_headers(variant), _flat_rows(variant, rows), len(rows)
    period, place = facts.words()["label"] or options.period or "", options.unit.name if options.unit else facts.owner
    return Table(
        code=door.code,
        title=str(door.title),
        resource=door.resource,
        headers=headers,
        rows=cells,
        count=count,
        about=((str(_("Area")), place or _places()), *(((str(_("Period")), period),) if period else ())),
        masked=door.has_masked and not whole,
    )


def whole(options: Options) -> Options:
    """The options by which a door gives masked numbers whole where the actor may see them."""
    return replace(options, extra={**options.extra, "whole": True})


def _columns(sheet: Sheet) -> list[Any]:
    return [column for column in sheet.columns if not column.hidden]


def _flat_headers(sheet: Sheet) -> list[str]:
    """One header for each column: what stands in two rows in the layout is joined."""
    return [column.headers[0].replace("/", " ") for column in _columns(sheet)]


def _flat_rows(sheet: Sheet, rows: Sequence[Mapping[str, Any]]) -> Iterator[Cells]:
    columns = _columns(sheet)
    for number, row in enumerate(rows, 1):
        yield [
            number if column.field == "serial_no" and not column.show else shown(column, dict(row))
            for column in columns
        ]


def _score_table(meta: Any, rows: Sequence[Mapping[str, Any]]) -> tuple[list[str], Iterator[Cells]]:
    """A score sheet, one row for each village and item: points earned stay positive, points taken off are negative."""
    headers = [str(_("Village")), str(_("Code")), str(_("Item")), str(_("At most")), str(_("Points"))]
    return headers, _score_rows(meta["scheme"], rows)


def _score_rows(scheme: Any, rows: Sequence[Mapping[str, Any]]) -> Iterator[Cells]:
    for row in rows:
        for item in scheme.items:
            points = row["scores"].get(item.code)
            yield [row["village"], item.code, item.name, item.max, "/" if points == NOT_APPLICABLE else points]
        for fact in scheme.deductions:
            taken = row.get("deduction_points", {}).get(fact.code)
            yield [row["village"], fact.code, fact.name, -fact.cap, None if taken is None else -taken]

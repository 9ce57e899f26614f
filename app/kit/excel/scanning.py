"""What calamine hides in the XML of a sheet: error cells, formulas without a saved value, hidden rows, merges.

Two passes find the same: a quick one by patterns, for parts written the way the usual programs write, and an exact one
with a parser, for all others and for parts in which the two engines count differently. Runs in the child process.
"""

from __future__ import annotations

import re
from typing import Any

from app.kit.excel.child import Refused
from app.kit.excel.hidden import Hidden, area, position, true
from app.kit.excel.package import Package, local, related, safe_parser

CHUNK = 1 << 22
HEAD = 1 << 16

_HIDDEN_ROW = re.compile(rb'<row (?=[^>]*?\bhidden="(?:1|true)")[^>]*?\br="(\d+)"')
_HIDDEN_COLUMNS = re.compile(rb'<col (?=[^>]*?\bhidden="(?:1|true)")[^>]*>')
_FORMULA = re.compile(rb'<c r="([A-Z]+\d+)"([^>]*)><f(?:[^>]*/>|[^>]*>([^<]*)</f>)(?:<v>([^<]*)</v>)?')
_ERROR = re.compile(rb'<c r="([A-Z]+\d+)"[^>]*? t="e"[^>]*>(?:<f[^>]*/>|<f[^>]*>[^<]*</f>)?<v>([^<]*)</v>')
_MERGE = re.compile(rb'<mergeCell [^>]*?ref="([^"]+)"')
_ATTRIBUTE = re.compile(rb'(\w+)="([^"]*)"')


def plain(head: bytes) -> bool:
    """Written the way Excel, WPS, LibreOffice and the usual libraries write: then the patterns above are exact.

    A writer is of one habit, so the beginning of a part tells; a part that then holds another number of cells than
    calamine found is parsed after all (see `agreed`).
    """
    return (
        head.lstrip().startswith((b"<?xml", b"<worksheet"))
        and b"<worksheet" in head[:4096]
        and head.count(b"<c ") == head.count(b'<c r="')
        and not any(sign in head for sign in (b"<c>", b"='", b"<!"))
    )


def scan_plain(package: Package, path: str) -> Hidden | None:
    """The quick pass over a sheet part; None when the part is written unusually and must be parsed."""
    found = Hidden()
    tail, first = b"", True
    with package.open(path) as part:
        while True:
            read = part.read(CHUNK)
            chunk = tail + read
            if first and not plain(chunk[:HEAD]):
                return None
            first = False
            # Cut after the last whole row, so that no cell is seen by halves.
            cut = chunk.rfind(b"</row>") + len(b"</row>") if read else len(chunk)
            cut = 0 if cut < len(b"</row>") else cut
            if len(chunk) - cut > 16 * CHUNK:
                return None
            scan_chunk(chunk[:cut], found)
            tail = chunk[cut:]
            if not read:
                return found


def scan_chunk(body: bytes, found: Hidden) -> None:
    if b't="s"><v>-' in body or b't="s"><v>+' in body:
        raise Refused("unreadable", "a text that is not there")
    found.valued += body.count(b"</v>")
    if b"</is>" in body[:HEAD]:
        found.valued += body.count(b"</is>")
    if b"hidden=" in body:
        found.rows.update(int(match[1]) - 1 for match in _HIDDEN_ROW.finditer(body))
        for match in _HIDDEN_COLUMNS.finditer(body):
            a = dict(_ATTRIBUTE.findall(match[0]))
            found.columns.update(range(int(a[b"min"]) - 1, min(int(a[b"max"]), 16384)))
    if b"<f" in body:
        for match in _FORMULA.finditer(body):
            if not match[4] and b't="str"' not in match[2]:
                text = (match[3] or b"").decode("utf-8", "replace")
                found.faults[position(match[1].decode())] = ("E12", "=" + unescape(text))
    if b' t="e"' in body:
        for match in _ERROR.finditer(body):
            found.faults[position(match[1].decode())] = ("E13", match[2].decode("utf-8", "replace"))
    end = body.rfind(b"</sheetData>")
    if end >= 0:
        found.merges.extend(area(match[1].decode()) for match in _MERGE.finditer(body, end))


def unescape(text: str) -> str:
    for name, sign in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&")):
        text = text.replace(name, sign)
    return text


class SheetScan:
    """The exact pass over a sheet part, for parts written unusually: prefixes, UTF-16, no cell addresses."""

    def __init__(self, blank_texts: frozenset[str] = frozenset()) -> None:
        self.found = Hidden()
        self.blank_texts = blank_texts
        self.row, self.column = -1, -1
        self.type = ""
        self.formula: str | None = None
        self.value: str | None = None
        self.text: list[str] | None = None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        tag = local(name)
        if tag == "c":
            self.open_cell(attributes)
        elif tag in ("v", "f", "t"):
            self.text = []
        elif tag == "row":
            self.row = int(attributes.get("r", self.row + 2)) - 1
            self.column = -1
            if true(attributes.get("hidden")):
                self.found.rows.add(self.row)
        elif tag == "col" and true(attributes.get("hidden")):
            self.found.columns.update(range(int(attributes["min"]) - 1, min(int(attributes["max"]), 16384)))
        elif tag == "mergeCell":
            self.found.merges.append(area(attributes["ref"]))

    def open_cell(self, attributes: dict[str, str]) -> None:
        if "r" in attributes:
            self.row, self.column = position(attributes["r"])
        else:
            self.column += 1
        self.type, self.formula, self.value = attributes.get("t", "n"), None, None

    def data(self, text: str) -> None:
        if self.text is not None:
            self.text.append(text)

    def end(self, name: str) -> None:
        tag = local(name)
        if tag in ("v", "t") and self.text is not None:
            self.value = (self.value or "") + "".join(self.text)
            self.text = None
        elif tag == "f" and self.text is not None:
            self.formula = "".join(self.text)
            self.text = None
        elif tag == "c":
            self.close_cell()

    def close_cell(self) -> None:
        if self.type == "s" and self.value and not self.value.strip().isdigit():
            raise Refused("unreadable", "a text that is not there")
        if self.type == "e":
            self.found.faults[self.row, self.column] = ("E13", self.value or "#")
        elif self.formula is not None and not self.value and self.type != "str":
            self.found.faults[self.row, self.column] = ("E12", "=" + self.formula)
        blank = not (self.value or "").strip() or (self.type == "s" and self.value in self.blank_texts)
        self.found.valued += self.type == "e" or not blank


def scan_parsed(package: Package, path: str, blank_texts: frozenset[str] = frozenset()) -> Hidden:
    scan = SheetScan(blank_texts)
    parser = safe_parser()
    parser.StartElementHandler = scan.start
    parser.EndElementHandler = scan.end
    parser.CharacterDataHandler = scan.data
    with package.open(path) as part:
        parser.ParseFile(part)
    return scan.found


def scan_sheet(package: Package, path: str) -> Hidden:
    return scan_plain(package, path) or scan_parsed(package, path)


def blank_texts(package: Package, root: str) -> frozenset[str]:
    """The numbers of the shared texts that say nothing."""
    path = next((p for p in related(package, root).values() if p.lower().endswith("sharedstrings.xml")), "")
    if path not in package:
        return frozenset()
    blanks: set[str] = set()
    state: dict[str, Any] = {"number": -1, "text": "", "inside": False}

    def start(name: str, _attributes: dict[str, str]) -> None:
        tag = local(name)
        if tag == "si":
            state.update(number=state["number"] + 1, text="")
        state["inside"] = tag == "t"

    def end(name: str) -> None:
        state["inside"] = False
        if local(name) == "si" and not state["text"].strip():
            blanks.add(str(state["number"]))

    def data(text: str) -> None:
        if state["inside"]:
            state["text"] += text

    parser = safe_parser()
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, data
    with package.open(path) as part:
        parser.ParseFile(part)
    return frozenset(blanks)


def agreed(package: Package, root: str, path: str, rows: list[list[Any]], scan: Hidden) -> Hidden:
    """The scan, made again exactly when the two engines count differently; refused when they still do.

    A cell that one engine sees and the other does not would be lost without a word.
    """
    if filled(rows, scan) == scan.valued:
        return scan
    scan = scan_parsed(package, path, blank_texts(package, root))
    said = sum(not (isinstance(v, str) and not v.strip()) for row in rows for v in row)
    unseen = sum(_blank_at(rows, place) for place, fault in scan.faults.items() if fault[0] == "E13")
    if said + unseen != scan.valued:
        raise Refused("unreadable", f"{said + unseen} cells, {scan.valued} in the file")
    return scan


def filled(rows: list[list[Any]], scan: Hidden) -> int:
    """How many cells calamine gave a value for, and the error cells it leaves empty."""
    total = sum(len(row) - row.count("") for row in rows)
    return total + sum(_blank_at(rows, place) for place, fault in scan.faults.items() if fault[0] == "E13")


def _blank_at(rows: list[list[Any]], place: tuple[int, int]) -> bool:
    row, column = place
    return row >= len(rows) or column >= len(rows[row]) or rows[row][column] == ""

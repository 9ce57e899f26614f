"""The program that runs in the child process: bytes of one workbook in, plain values out.

It is started by path (see opening.py), imports nothing of the portal and never sees its environment, so that whatever
a file does to it, only this process dies. Values come from calamine; a pass over the XML adds what calamine hides:
error cells, formulas without a saved value, hidden rows and columns, merges and the 1904 epoch. The pass runs in a
thread beside calamine, which does not hold the interpreter.

Columns travel as (distinct values, index per row): cells repeat so much that cleaning each distinct value once is
several times cheaper than cleaning every cell. A faulty cell travels as the tuple ("E13", "#REF!") or ("E12", "=A1+1").
"""

from __future__ import annotations

import csv
import gc
import io
import pickle
import posixpath
import re
import sys
import threading
import zipfile
from array import array
from typing import Any
from xml.parsers import expat

CHUNK = 1 << 22
HEAD = 1 << 16


class Refused(Exception):
    """The file is not read; `args` are the kind and, where it helps, a value."""


def limit(memory: int, cpu: int) -> None:
    """Take the memory and processor time away before anything of the file is touched."""
    try:
        import resource
    except ImportError:  # no such limits on Windows; the time limit of the parent remains
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


# --- the parts of a package -------------------------------------------------------------------------------------------


class Package:
    """A zip whose member names are found whatever slashes and case they were written with."""

    def __init__(self, data: bytes) -> None:
        self.zip = zipfile.ZipFile(io.BytesIO(data))
        self.names = {name.filename.replace("\\", "/").lstrip("/").lower(): name for name in self.zip.infolist()}

    def open(self, path: str) -> Any:
        return self.zip.open(self.names[path.lower()])

    def read(self, path: str) -> bytes:
        with self.open(path) as part:
            return bytes(part.read())

    def __contains__(self, path: str) -> bool:
        return path.lower() in self.names


def elements(xml: bytes) -> list[tuple[str, dict[str, str]]]:
    """Every element of a small part: local name and attributes by local name."""
    found: list[tuple[str, dict[str, str]]] = []
    parser = safe_parser()
    parser.StartElementHandler = lambda name, attributes: found.append((local(name), locals_of(attributes)))
    parser.Parse(xml, True)
    return found


def safe_parser() -> Any:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.EntityDeclHandler = _no_entities
    return parser


def _no_entities(*_arguments: Any) -> None:
    raise Refused("unreadable", "entity")


def local(name: str) -> str:
    return name.rpartition(":")[2]


def locals_of(attributes: dict[str, str]) -> dict[str, str]:
    return {local(name): value for name, value in attributes.items()}


def related(package: Package, part: str) -> dict[str, str]:
    """Relation id to path, for the part."""
    folder, name = posixpath.split(part)
    path = f"{folder}/_rels/{name}.rels".lstrip("/")
    if path not in package:
        return {}
    return {
        a.get("Id", ""): posixpath.normpath(posixpath.join("/" + folder, a.get("Target", ""))).lstrip("/")
        for tag, a in elements(package.read(path))
        if tag == "Relationship" and a.get("TargetMode") != "External"
    }


def workbook_part(package: Package) -> str:
    for tag, a in elements(package.read("_rels/.rels")):
        if tag == "Relationship" and a.get("Type", "").endswith("/officeDocument"):
            return posixpath.normpath("/" + a.get("Target", "")).lstrip("/")
    return "xl/workbook.xml"


# --- what calamine hides ----------------------------------------------------------------------------------------------


class Hidden:
    """What the XML of one sheet says beyond the values. Rows and columns count from 0."""

    def __init__(self) -> None:
        self.faults: dict[tuple[int, int], tuple[str, str]] = {}
        self.rows: set[int] = set()
        self.columns: set[int] = set()
        self.merges: list[tuple[int, int, int, int]] = []
        self.valued = 0  # cells that carry a value, an inline text or a fault


_ADDRESS = re.compile(r"([A-Za-z]{1,3})(\d{1,7})$")


def position(address: str) -> tuple[int, int]:
    match = _ADDRESS.match(address.replace("$", ""))
    if not match:
        raise Refused("unreadable", address)
    column = 0
    for letter in match[1].upper():
        column = column * 26 + ord(letter) - 64
    return int(match[2]) - 1, column - 1


def area(reference: str) -> tuple[int, int, int, int]:
    first, _, last = reference.partition(":")
    top, left = position(first)
    bottom, right = position(last or first)
    return top, left, bottom, right


def true(value: str | None) -> bool:
    return value in ("1", "true", "TRUE", "on")


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
        if self.type == "e":
            self.found.faults[self.row, self.column] = ("E13", self.value or "#")
        elif self.formula is not None and not self.value and self.type != "str":
            self.found.faults[self.row, self.column] = ("E12", "=" + self.formula)
        blank = self.value in self.blank_texts if self.type == "s" else not (self.value or "").strip()
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
    state = {"number": -1, "text": "", "inside": False}

    def start(name: str, _attributes: dict[str, str]) -> None:
        tag = local(name)
        if tag == "si":
            state.update(number=int(state["number"]) + 1, text="")
        state["inside"] = tag == "t"

    def end(name: str) -> None:
        state["inside"] = False
        if local(name) == "si" and not str(state["text"]).strip():
            blanks.add(str(state["number"]))

    def data(text: str) -> None:
        if state["inside"]:
            state["text"] = str(state["text"]) + text

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


# --- the engines ------------------------------------------------------------------------------------------------------


def read_xlsx(data: bytes, limits: dict[str, int]) -> dict[str, Any]:
    package = Package(data)
    root = workbook_part(package)
    if root not in package:
        raise Refused("not_a_workbook")
    links = related(package, root)
    sheets: list[dict[str, Any]] = []
    epoch = False
    for tag, a in elements(package.read(root)):
        if tag == "workbookPr":
            epoch = true(a.get("date1904"))
        elif tag == "sheet":
            sheets.append(
                {"name": a.get("name", ""), "state": a.get("state", "visible"), "path": links.get(a["id"], "")}
            )
    scans: dict[str, Hidden | Exception] = {}
    wanted = [s for s in sheets if (s["state"] == "visible" or s["name"] == "_meta") and s["path"] in package]
    thread = threading.Thread(target=_scan_all, args=(data, [s["path"] for s in wanted], scans))
    thread.start()
    values = _calamine(data, {s["name"] for s in wanted}, limits)
    thread.join()
    for sheet in sheets:
        path = sheet.pop("path")
        scan = scans.get(path)
        if isinstance(scan, Exception):
            raise scan
        rows = values.get(sheet["name"])
        if rows is None or scan is None:
            continue
        sheet.update(_combined(rows, agreed(package, root, path, rows, scan)))
    return {"sheets": sheets, "date1904": epoch}


def _scan_all(data: bytes, paths: list[str], into: dict[str, Hidden | Exception]) -> None:
    for path in paths:
        try:
            into[path] = scan_sheet(Package(data), path)
        except Exception as error:  # handed to the main thread, which refuses the file
            into[path] = error


def _calamine(data: bytes, names: set[str] | None, limits: dict[str, int]) -> dict[str, list[list[Any]]]:
    from python_calamine import PasswordError, SheetTypeEnum, load_workbook

    try:
        book = load_workbook(io.BytesIO(data))
    except PasswordError as error:
        raise Refused("encrypted") from error
    values: dict[str, list[list[Any]]] = {}
    for meta in book.sheets_metadata:
        if meta.typ != SheetTypeEnum.WorkSheet or (names is not None and meta.name not in names):
            continue
        sheet = book.get_sheet_by_name(meta.name)
        last_row, last_column = sheet.end or (-1, -1)
        if last_row >= limits["rows"] or last_column >= limits["columns"]:
            raise Refused("too_many_cells", meta.name)
        values[meta.name] = sheet.to_python(skip_empty_area=False)
    return values


def _combined(rows: list[list[Any]], scan: Hidden) -> dict[str, Any]:
    """Values and what the XML adds, column by column."""
    for (row, column), fault in scan.faults.items():
        while len(rows) <= row:
            rows.append([""] * (len(rows[0]) if rows else 0))
        if len(rows[row]) <= column:
            for line in rows:
                line.extend([""] * (column + 1 - len(line)))
        rows[row][column] = fault
    return {
        "height": len(rows),
        "columns": [encode(column) for column in zip(*rows, strict=True)] if rows else [],
        "merges": scan.merges,
        "hidden_rows": sorted(scan.rows),
        "hidden_columns": sorted(scan.columns),
    }


def encode(column: Any) -> tuple[list[Any], bytes]:
    """The distinct values of a column and, per row, which one stands there."""
    index: dict[Any, int] = {}
    place = index.setdefault
    try:
        codes = array("I", [place(value, len(index)) for value in column])
    except TypeError:
        codes = array("I")
    values = list(index)
    if any(value is True or value is False for value in values) or len(codes) != len(column):
        # True equals 1 as a key: tell them apart by writing the words Excel shows.
        return encode([("TRUE" if v else "FALSE") if isinstance(v, bool) else v for v in column])
    return values, codes.tobytes()


def read_xls(data: bytes, limits: dict[str, int]) -> dict[str, Any]:
    from python_calamine import SheetTypeEnum, SheetVisibleEnum, load_workbook

    values = _calamine(data, None, limits)
    book = load_workbook(io.BytesIO(data))
    sheets = []
    for meta in book.sheets_metadata:
        if meta.typ != SheetTypeEnum.WorkSheet:
            continue
        visible = meta.visible == SheetVisibleEnum.Visible
        sheet: dict[str, Any] = {"name": meta.name, "state": "visible" if visible else "hidden"}
        if visible or meta.name == "_meta":
            scan = Hidden()
            for (top, left), (bottom, right) in book.get_sheet_by_name(meta.name).merged_cell_ranges or ():
                scan.merges.append((top, left, bottom, right))
            sheet.update(_combined(values[meta.name], scan))
        sheets.append(sheet)
    return {"sheets": sheets, "date1904": False}


def read_csv(data: bytes, limits: dict[str, int]) -> dict[str, Any]:
    encoding = "utf-8-sig" if data.startswith(b"\xef\xbb\xbf") else "utf-8"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        encoding = "gb18030"
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError as error:
            raise Refused("not_a_workbook") from error
    if "\0" in text or text.lstrip()[:200].lower().startswith(("<!doctype", "<html", "<table", "<?xml")):
        raise Refused("not_a_workbook")
    csv.field_size_limit(1 << 20)
    head = text[:4096]
    delimiter = max(",\t;", key=head.count)
    rows = [
        [unquoted(value) for value in row] for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    ]
    width = max(map(len, rows), default=0)
    if len(rows) > limits["rows"] or width > limits["columns"]:
        raise Refused("too_many_cells")
    for row in rows:
        row.extend([""] * (width - len(row)))
    sheet = {"name": None, "state": "visible", **_combined(rows, Hidden())}
    return {"sheets": [sheet], "date1904": False, "encoding": encoding}


_QUOTED = re.compile("'+[=+@|\\t\\r＝＋－＠-]")


def unquoted(value: str) -> str:
    """Our own CSV writes an apostrophe before a text that a spreadsheet would take for a formula."""
    return value[1:] if _QUOTED.match(value) else value


ENGINES = {"xlsx": read_xlsx, "xls": read_xls, "csv": read_csv}


def answer(request: dict[str, Any]) -> dict[str, Any]:
    try:
        return ENGINES[request["kind"]](request["data"], request["limits"])
    except Refused as refused:
        return {"refused": refused.args}
    except MemoryError:
        return {"refused": ("too_many_cells",)}
    except Exception as error:  # a library may raise anything on a hostile file: refuse, say which, never crash
        return {"refused": ("unreadable", f"{type(error).__name__}: {error}"[:200])}


def main() -> None:
    gc.disable()  # millions of small values and no cycles
    out, sys.stdout = sys.stdout.buffer, sys.stderr
    request = pickle.load(sys.stdin.buffer)
    limit(request["limits"]["memory"], request["limits"]["cpu"])
    out.write(pickle.dumps(answer(request), 5))
    out.flush()


if __name__ == "__main__":
    main()

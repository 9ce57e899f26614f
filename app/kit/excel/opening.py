"""Opening a file from outside: limits, then what it really is, then the size it unpacks to, then a child process.

The parent lives whatever the file does: it never unpacks a sheet and never hands its own environment to the child.
"""

from __future__ import annotations

import io
import os
import pickle
import signal
import struct
import subprocess
import sys
import threading
import time
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from app.domain.errors import Problem, RuleBroken
from app.kit.excel.book import Book, built

MEGABYTE = 1 << 20
PARSING = "app.kit.excel.parsing"
MARKING = "app.kit.excel.marking"
ROOT = Path(__file__).parents[3]

CODES = {
    "not_a_workbook": "F-01",
    "encrypted": "F-02",
    "unpacks_too_large": "F-03",
    "macros": "F-04",
    "format": "F-05",
    "too_many_cells": "F-06",
    "unreadable": "F-07",
    "too_slow": "F-08",
    "busy": "F-09",
}

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MACRO_ENDINGS = (".xlsm", ".xltm", ".xlam")
OTHER_ENDINGS = (".xlsb", ".et", ".ett", ".ods", ".numbers", ".doc", ".docx", ".pdf")

AT_ONCE, PATIENCE = 2, 15  # children of one process of the portal, and the seconds one waits for its turn
# All that reading a damaged or strange zip raises; RuntimeError is a member with a password.
DAMAGED = (zipfile.BadZipFile, zlib.error, struct.error, OSError, ValueError, RuntimeError, EOFError, IndexError)
CONTENT_TYPES = MEGABYTE  # more than this the list of parts never is
CPU_SPENT = -getattr(signal, "SIGXCPU", 24)
_turns = threading.BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True)
class Limits:
    """What one file may cost. `ratio` is unpacked size by packed size, looked at above `ratio_from` bytes."""

    file_bytes: int = 50 * MEGABYTE
    unpacked_bytes: int = 500 * MEGABYTE
    members: int = 2000
    ratio: int = 200
    ratio_from: int = 20 * MEGABYTE
    rows: int = 200_000
    columns: int = 200
    cells: int = 10_000_000  # of all sheets together, empty ones between others included
    answer: int = 200 * MEGABYTE  # what the child may hand to us
    memory: int = 1024 * MEGABYTE
    cpu: int = 25
    seconds: int = 28  # whoever waits has an answer before 35 are over, on a busy machine too


class FileRefused(RuleBroken):
    """The file is not opened as data; `kind` says why in one word."""

    def __init__(self, kind: str, detail: str = "", **params: object) -> None:
        self.kind = kind
        self.detail = detail
        super().__init__(Problem(CODES[kind], "", {"kind": kind, **params}))


def open_workbook(data: bytes | Path | str, filename: str, limits: Limits | None = None) -> Book:
    """The workbook as a Book of grids.

    Shape: `data` is the bytes or a path; `filename` is the name the user gave, for its ending only.
    Errors: FileRefused, with a kind of CODES, for everything that is not a readable .xlsx, .xls or .csv.
    """
    limits = limits or Limits()
    content = data if isinstance(data, bytes) else Path(data).read_bytes()
    kind = recognised(content, filename, limits)
    reply = run_child(PARSING, {"kind": kind, "data": content}, limits)
    if "refused" in reply:
        raise FileRefused(*reply["refused"])
    return built(reply, kind)


def recognised(data: bytes, filename: str, limits: Limits) -> str:
    """xlsx, xls or csv, by what the bytes are and not by the name alone."""
    ending = Path(filename).suffix.lower()
    if ending in MACRO_ENDINGS:
        raise FileRefused("macros")
    if ending in OTHER_ENDINGS:
        raise FileRefused("format", ending=ending)
    if not data:
        raise FileRefused("not_a_workbook")
    if len(data) > limits.file_bytes:
        raise FileRefused("unpacks_too_large", limit=limits.file_bytes // MEGABYTE)
    if data.startswith(ZIP) and ending != ".csv":
        return _zip_kind(data, limits)
    if data.startswith(OLE) and ending != ".csv":
        return _ole_kind(data)
    if ending == ".csv" and not data.startswith((ZIP, OLE)):
        return "csv"
    if data[:1] == b"\x09" and data[1:2] in (b"\0", b"\2", b"\4", b"\x08"):
        raise FileRefused("format", ending="Excel 4.0")  # records without a file system around them: before 1995
    raise FileRefused("not_a_workbook")


def _zip_kind(data: bytes, limits: Limits) -> str:
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        members = archive.infolist()
    except DAMAGED as error:
        raise FileRefused("not_a_workbook") from error
    unpacked = sum(member.file_size for member in members)
    bomb = unpacked > limits.ratio_from and unpacked > limits.ratio * len(data)
    if len(members) > limits.members or unpacked > limits.unpacked_bytes or bomb:
        raise FileRefused("unpacks_too_large", limit=limits.unpacked_bytes // MEGABYTE)
    names = {member.filename.replace("\\", "/").lstrip("/").lower(): member for member in members}
    types = names.get("[content_types].xml")
    if types is None or types.file_size > CONTENT_TYPES:
        raise FileRefused("not_a_workbook")
    if len(names) < len(members):
        raise FileRefused("unreadable", "two members of one name")  # each program would read another one of them
    if types.flag_bits & 1:
        raise FileRefused("encrypted")
    return _package_kind(archive, types, names)


def _package_kind(archive: zipfile.ZipFile, types: zipfile.ZipInfo, names: Mapping[str, zipfile.ZipInfo]) -> str:
    try:
        with archive.open(types) as part:
            raw = part.read(CONTENT_TYPES)
    except DAMAGED as error:
        raise FileRefused("not_a_workbook") from error
    # A part may be UTF-16; the words looked for are ASCII either way.
    text = raw.replace(b"\0", b"").lower()
    if b"macroenabled" in text or any(name.endswith("vbaproject.bin") for name in names):
        raise FileRefused("macros")
    if b"sheet.binary" in text:
        raise FileRefused("format", ending=".xlsb")
    if b"spreadsheetml" not in text:
        raise FileRefused("not_a_workbook")
    return "xlsx"


def _ole_kind(data: bytes) -> str:
    lower = data.lower()

    def stream(name: str) -> bool:
        return name.lower().encode("utf-16-le") in lower

    if stream("EncryptedPackage") or stream("EncryptionInfo"):
        raise FileRefused("encrypted")
    if stream("_VBA_PROJECT_CUR") or stream("_VBA_PROJECT"):
        raise FileRefused("macros")
    if not (stream("Workbook") or stream("Book")):
        raise FileRefused("not_a_workbook")
    return "xls"


def run_child(program: str, request: Mapping[str, Any], limits: Limits) -> dict[str, Any]:
    """What the program answers to the request; {"refused": …} when it died, was killed, took too long or found no turn."""
    message = pickle.dumps({**request, "limits": asdict(limits)}, 5)
    asked = time.monotonic()
    if not _turns.acquire(timeout=PATIENCE):
        return {"refused": ("busy",)}
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", program],
            input=message,
            capture_output=True,
            timeout=max(1.0, limits.seconds - (time.monotonic() - asked)),
            env=_bare_environment(),
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {"refused": ("too_slow",)}
    finally:
        _turns.release()
    if done.returncode == CPU_SPENT:
        return {"refused": ("too_slow",)}
    if done.returncode < 0 or b"MemoryError" in done.stderr:  # killed by the system, or out of the memory it may take
        return {"refused": ("too_many_cells", f"exit {done.returncode}")}
    if done.returncode != 0 or not done.stdout:
        return {"refused": ("unreadable", f"exit {done.returncode}")}
    return _answer(done.stdout)


class _Values(pickle.Unpickler):
    """Opens plain values and dates. A child that a file has taken over must not hand us anything that acts."""

    def find_class(self, module: str, name: str) -> Any:
        if module == "datetime" and name in {"date", "datetime", "time", "timedelta"}:
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"{module}.{name}")


def _answer(reply: bytes) -> dict[str, Any]:
    try:
        answer: dict[str, Any] = _Values(io.BytesIO(reply)).load()
    except (pickle.UnpicklingError, EOFError, AttributeError, IndexError, KeyError, ValueError, TypeError) as error:
        return {"refused": ("unreadable", str(error)[:200])}
    return answer


def _bare_environment() -> dict[str, str]:
    """No keys, no database address: only what the interpreter needs to start."""
    kept = ("PATH", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "SYSTEMROOT", "LANG", "LC_ALL")
    found = {name: os.environ[name] for name in kept if name in os.environ}
    paths = (str(ROOT), found.get("PYTHONPATH"))
    return found | {"PYTHONPATH": os.pathsep.join(path for path in paths if path)}

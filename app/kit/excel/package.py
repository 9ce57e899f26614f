"""The zip of an .xlsx file and its small parts: members by name, relations, elements. Runs in the child process."""

from __future__ import annotations

import io
import posixpath
import zipfile
from typing import Any
from xml.parsers import expat

from app.kit.excel.child import Refused


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

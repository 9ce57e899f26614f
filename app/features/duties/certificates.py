"""The kinds of certificates a village counts, and which of them it should not issue; the data are in seed/reference."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.domain.certificates import certificate_key
from app.kit import seed
from app.kit.i18n import chosen


@dataclass(frozen=True)
class CertificateType:
    """One kind of certificate: its name on the form, other headers it goes by, and under which entry it is forbidden."""

    code: str
    name: str
    name_en: str
    headers: tuple[str, ...] = ()
    forbidden_as: str = ""
    forbidden_by: str = ""

    @property
    def label(self) -> str:
        """The name in the reader's language."""
        return chosen({"zh": self.name, "en": self.name_en})

    @property
    def is_forbidden(self) -> bool:
        """True when a village should not issue it."""
        return bool(self.forbidden_as)

    @functools.cached_property
    def keys(self) -> tuple[str, ...]:
        """Everything it goes by, for comparison with the lists in force."""
        said = (self.name, *self.headers, self.forbidden_as)
        return tuple(dict.fromkeys(certificate_key(name) for name in said if name))


def other_certificate(name: str) -> CertificateType:
    """A certificate the form has no column for, e.g. one more that a list keeps; it is counted under its name."""
    return CertificateType(name, name, "")


@functools.cache
def certificate_types() -> tuple[CertificateType, ...]:
    """The kinds of certificates in the order of the form."""
    data = seed.read("reference/certificate_types.yaml")
    documents = {entry["code"]: str(entry["document"]) for entry in data["lists"]}
    made = []
    for entry in data["types"]:
        forbidden = entry.get("forbidden") or {}
        made.append(
            CertificateType(
                entry["code"],
                entry["name_zh"],
                entry["name_en"],
                tuple(entry.get("headers", ())),
                str(forbidden.get("name_zh", "")),
                documents.get(forbidden.get("list", ""), ""),
            )
        )
    return tuple(made)


def counted_kinds(*counts: Iterable[str]) -> list[CertificateType]:
    """The kinds of the form, then those that stand in counts under their names."""
    kinds = list(certificate_types())
    codes = {kind.code for kind in kinds}
    named = dict.fromkeys(code for one in counts for code in one if code not in codes)
    return [*kinds, *(other_certificate(name) for name in named)]


_ONE = re.compile(r"(?P<name>.*?[^\d\s:：*×])\s*[:：*×]?\s*(?P<count>\d{1,6})\s*[件份]?")


def named_counts(text: str) -> dict[str, int] | None:
    """Names with their counts as a workbook writes them in one cell; None for what is written otherwise.

    >>> named_counts("农房建设情况证明2、收入证明 1件"), named_counts("若干")
    ({'农房建设情况证明': 2, '收入证明': 1}, None)
    """
    parts = [part.strip() for part in re.split("[、,，;；\n]", text) if part.strip()]
    found = [_ONE.fullmatch(part) for part in parts]
    if not all(found):
        return None
    return {match["name"].strip(): int(match["count"]) for match in found if match}


def counts_named(counts: Mapping[str, int]) -> str:
    """Names with their counts in one cell, as `named_counts` reads them."""
    return "、".join(f"{name}{count}" for name, count in counts.items())


def other_counts(certificates: Mapping[str, int]) -> dict[str, int]:
    """Of counts by name those of certificates the form has no column for."""
    names = {kind.name for kind in certificate_types()}
    return {name: count for name, count in certificates.items() if name not in names}

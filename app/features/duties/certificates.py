"""The kinds of certificates a village counts, and which of them it should not issue; the data are in seed/reference."""

from __future__ import annotations

import functools
from dataclasses import dataclass

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

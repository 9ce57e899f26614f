"""The documents say what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from app.domain.rights import DEFAULT_RIGHTS, Resource, Role, Verb

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"


def policy() -> str:
    """docs/policy.md as the rights table makes it."""
    lines = [
        "# Rights",
        "",
        "Generated from `app/domain/rights.py`; a test compares. What is absent is not allowed.",
        "",
    ]
    for role in Role:
        lines += [f"## {role.value}", "", "| resource | verbs (reach) |", "|---|---|"]
        for resource in Resource:
            held = [(v, DEFAULT_RIGHTS[role, resource, v]) for v in Verb if (role, resource, v) in DEFAULT_RIGHTS]
            if held:
                lines.append(
                    f"| {resource.value} | " + ", ".join(f"{v.value} ({reach.value})" for v, reach in held) + " |"
                )
        lines.append("")
    return "\n".join(lines)


def test_the_policy_page_is_the_rights_table() -> None:
    assert (DOCS / "policy.md").read_text(encoding="utf-8") == policy()


def test_links_between_documents_lead_somewhere() -> None:
    for page in [*DOCS.rglob("*.md"), ROOT / "README.md"]:
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name} -> {target}"


def test_how_to_pages_are_short_and_name_files_that_exist() -> None:
    for page in (DOCS / "how-to").glob("*.md"):
        text = page.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 30, page.name
        for path in re.findall(r"`((?:app|tests|seed|migrations|translations)/[a-z_/]+\.[a-z]+)`", text):
            assert (ROOT / path).exists(), f"{page.name} names {path}"

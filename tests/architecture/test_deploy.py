"""The files of docs/deploy fit the portal and each other."""

from __future__ import annotations

import configparser
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "docs" / "deploy"


def unit(name: str) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(DEPLOY / name, encoding="utf-8")
    return parser


def test_every_command_and_setting_the_files_name_exists(app: object) -> None:
    commands = set(app.cli.commands["portal"].commands)  # type: ignore[attr-defined]
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "app").rglob("*.py"))
    for file in [*DEPLOY.iterdir(), ROOT / "docs" / "deploy.md", ROOT / "docs" / "operator.md"]:
        text = file.read_text(encoding="utf-8")
        for command in re.findall(r"(?:--app app |`)portal ([a-z]+)\b", text):
            assert command in commands, f"{file.name}: portal {command}"
        for setting in set(re.findall(r"\bQINGDAN_[A-Z_]+\b", text)):
            stem = setting.removesuffix("_FILE")
            assert f'"{setting}"' in source or f'"{stem}"' in source, f"{file.name}: {setting}"


def test_the_service_may_write_its_own_folder_only() -> None:
    service = unit("qingdan.service")["Service"]
    assert (
        service["ProtectSystem"] == "strict" and service["StateDirectory"] == "qingdan" and service["UMask"] == "0077"
    )
    assert (
        service["NoNewPrivileges"] == "yes" and service["CapabilityBoundingSet"] == "" and service["User"] == "qingdan"
    )
    assert "setrlimit" not in service["SystemCallFilter"] and "@resources" not in service["SystemCallFilter"]


def test_no_file_holds_a_secret() -> None:
    for file in DEPLOY.iterdir():
        assert not re.search(r"(?i)(secret_key|password|passphrase)=[0-9a-z]{8,}", file.read_text(encoding="utf-8")), (
            file.name
        )


def test_the_guide_is_short_enough_to_be_read() -> None:
    assert len((ROOT / "docs" / "deploy.md").read_text(encoding="utf-8").splitlines()) <= 150

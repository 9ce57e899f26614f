"""Files that leave, and the names of files that come: no name leads anywhere or breaks a header."""

from __future__ import annotations

import io
import re
from pathlib import PurePosixPath
from typing import Any

from flask import send_file

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv"
ZIP = "application/zip"
LONGEST = 120
# Separators, what Windows refuses in a name, control characters, and the marks that turn the direction of writing,
# by which "slx.exe" can be made to look like "exe.xls".
_UNFIT = re.compile('[\\x00-\\x1f\\x7f-\\x9f\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069:*?"<>|]')


def plain_name(name: str) -> str:
    """The last part of a file name as somebody sent it, without anything that is no letter of a name.

    Example:
        >>> plain_name("C:\\\\temp\\\\..\\\\花名册.xlsx"), plain_name("../../etc/passwd"), plain_name("..")
        ('花名册.xlsx', 'passwd', 'file')
    """
    last = _UNFIT.sub("", name.replace("\\", "/").rstrip("/").rpartition("/")[2]).strip(" .")
    path = PurePosixPath(last or "file")
    return path.stem[: LONGEST - len(path.suffix[:10])] + path.suffix[:10]


def printed_size(size: int) -> str:
    """The size of a file as pages print it.

    >>> printed_size(300), printed_size(20 * 1024), printed_size(1572864)
    ('1 KB', '20 KB', '1.5 MB')
    """
    return f"{size / 1024 / 1024:.1f} MB" if size >= 1024 * 1024 else f"{max(1, size // 1024)} KB"


def workbook(content: bytes, name: str) -> Any:
    """The answer that makes the browser save a workbook, a .csv or a .zip under this name, in any alphabet (RFC 6266)."""
    fit = plain_name(name.replace("/", "-"))
    return send_file(
        io.BytesIO(content),
        mimetype={"csv": CSV, "zip": ZIP}.get(fit.rpartition(".")[2], XLSX),
        as_attachment=True,
        download_name=fit,
    )

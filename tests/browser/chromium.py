"""The browser the tests drive, and what is wrong when it is not there."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    # No name but loopback resolves: whatever a page asks elsewhere fails, and is reported.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)


def executable() -> str | None:
    """The path of Chromium: that of QINGDAN_CHROMIUM, else the first on the path."""
    given = os.environ.get("QINGDAN_CHROMIUM")
    return given or next((found for name in NAMES if (found := shutil.which(name))), None)


@cache
def what_is_missing() -> str:
    """A sentence that says what to install; empty when the browser tests can run."""
    missing = [] if executable() else ["Chromium"]
    if not _has_chinese_font():
        missing.append("a Chinese font")
    if not missing:
        return ""
    return (
        f"{' and '.join(missing)} missing: install them with "
        "`apt-get install chromium fonts-noto-cjk fontconfig`, or name the browser in QINGDAN_CHROMIUM."
    )


def _has_chinese_font() -> bool:
    try:
        listed = subprocess.run(["fc-list", ":lang=zh", "family"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return False
    return bool(listed.stdout.strip())

"""Where a page may send the browser next: a path of this portal, whatever the address or the Host header says."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from flask import request

_CONTROLS = re.compile(r"[\x00-\x20\x7f\\]")


def local(address: str | None) -> str:
    """The address when it is a path on this portal, written so that no browser reads a host into it; else an empty text."""
    if not address or not address.startswith("/"):
        return ""
    plain = unquote(address)
    if _CONTROLS.search(address) or _CONTROLS.search(plain.split("?")[0]) or plain.startswith("//"):
        return ""
    parts = urlsplit(address)
    return "" if parts.scheme or parts.netloc else address


def previous() -> str:
    """The page of this portal the request came from; empty when it came from elsewhere or does not say."""
    address = request.referrer or ""
    return address if address.startswith(request.host_url) else ""

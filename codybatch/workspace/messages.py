"""What git and code hosts say, fit to be shown: no credential, no control character."""

from __future__ import annotations

import base64
import re
from urllib.parse import quote

from codybatch.ports.code_host import GitAccess

_USER_INFORMATION = re.compile(r"(?<=://)[^/\s@]*(?:@[^/\s@]*)*@")
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def redacted(text: str, access: GitAccess | None = None) -> str:
    """``text`` without the access's token in any spelling, user information in addresses, and
    control characters other than line feed and tab.
    """
    text = re.sub(r"\r\n?", "\n", text)
    for secret in _spellings(access):
        text = text.replace(secret, "[credential]")
    return _CONTROL.sub("", _USER_INFORMATION.sub("[credential]@", text)).strip()


def _spellings(access: GitAccess | None) -> list[str]:
    if access is None or not access.token:
        return []
    basic = base64.b64encode(f"{access.username}:{access.token}".encode()).decode()
    return [access.token, quote(access.token, safe=""), basic]

"""Hostile text in plain sight: what hides, reorders or steers is shown as its escape."""

from __future__ import annotations

import re

HIDDEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff"
    r"\U000e0000-\U000e007f]"
)
"""Control characters but tab and line feed; bidirectional marks ("Trojan Source", CVE-2021-42574);
zero-width characters, lone surrogates and tags."""


def in_plain_sight(text: str) -> str:
    """``text`` with every hidden, reordering or steering character as its escape."""
    return HIDDEN.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    number = ord(found[0])
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"

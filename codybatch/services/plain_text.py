"""Hostile text in plain sight: what hides, reorders or steers is shown as its escape."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

HIDDEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff"
    r"\U000e0000-\U000e007f]"
)
"""Control characters but tab and line feed; bidirectional marks ("Trojan Source", CVE-2021-42574);
zero-width characters, lone surrogates and tags."""

_NOT_ON_ONE_LINE = re.compile(rf"[\t\n]|{HIDDEN.pattern}")


def in_plain_sight(text: str) -> str:
    """``text`` with every hidden, reordering or steering character as its escape."""
    return HIDDEN.sub(_escape, text)


def on_one_line(text: str) -> str:
    """The same with line feeds and tabs as their escapes, too: nothing of it begins a line."""
    return _NOT_ON_ONE_LINE.sub(_escape, text)


def fit_to_show(texts: Sequence[str], clean: Callable[[str], str]) -> list[str]:
    """Many texts without secrets and in plain sight.

    They are looked through together first, at a tenth of what one by one costs: whatever is found
    in one of them is found in all of them joined, a line end between each two, since no pattern of
    the scanner holds one.

    Args:
        texts: of anybody's.
        clean: takes secrets out of one text.
    """
    together = "\n".join(texts)
    cleaned = list(texts) if clean(together) == together else [clean(text) for text in texts]
    hides = HIDDEN.search("\n".join(cleaned)) is not None
    return [in_plain_sight(text) for text in cleaned] if hides else cleaned


def _escape(found: re.Match[str]) -> str:
    number = ord(found[0])
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"

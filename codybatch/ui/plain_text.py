"""Hostile text made fit for a page: secrets taken out, what hides or reorders shown as escapes."""

from __future__ import annotations

import re
from collections.abc import Callable

Clean = Callable[[str], str]
"""Takes secrets out of a text: the net's ``clean``."""

# Control characters but tab and line feed; bidirectional marks ("Trojan Source", CVE-2021-42574);
# zero-width characters, lone surrogates and tags.
_HIDDEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff"
    r"\U000e0000-\U000e007f]"
)
_MARKUP = re.compile(r"([!-/:-@\[-`{-~])")
"""ASCII punctuation: a backslash before any of it is allowed in markdown, and takes its meaning."""


def shown(text: str, clean: Clean) -> str:
    """``text`` as a page may show it: without secrets, every hidden character as its escape."""
    return visible(clean(text))


def shown_on_one_line(text: str, clean: Clean, longest: int = 300) -> str:
    """``shown`` on one line of at most ``longest`` characters."""
    flat = shown(" ".join(text.split()), clean)
    return flat if len(flat) <= longest else flat[: longest - 1] + "…"


def visible(text: str) -> str:
    """``text`` with hidden and reordering characters as escapes; CRLF is shown as LF."""
    return _HIDDEN.sub(_escape, text.replace("\r\n", "\n"))


def literal(name: str) -> str:
    """A repository's name for a label that reads markdown.

    Only for names: Streamlit still turns arrows (``->``) of longer texts into signs, and those are
    shown with ``st.text``, which reads no markup at all.
    """
    return _MARKUP.sub(r"\\\1", visible(name))


def _escape(found: re.Match[str]) -> str:
    number = ord(found[0])
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"

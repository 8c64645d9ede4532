"""Hostile text made fit for a page: secrets taken out, what hides or reorders shown as escapes."""

from __future__ import annotations

import re
from collections.abc import Callable

from codybatch.services.plain_text import in_plain_sight

Clean = Callable[[str], str]
"""Takes secrets out of a text: the net's ``clean``."""

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
    return in_plain_sight(text.replace("\r\n", "\n"))


def literal(name: str) -> str:
    """A repository's name for a label that reads markdown.

    Only for names: Streamlit still turns arrows (``->``) of longer texts into signs, and those are
    shown with ``st.text``, which reads no markup at all.
    """
    return _MARKUP.sub(r"\\\1", visible(name))

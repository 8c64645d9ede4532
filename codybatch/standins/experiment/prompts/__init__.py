"""The prompts that are compared: one that leaves much open, and two that settle it alike."""

from __future__ import annotations

from pathlib import Path

SHORT = "utcnow-in-a-word"
SPELLED_OUT = "utcnow-spelled-out"
OTHER_WORDS = "utcnow-in-other-words"
PROMPTS = (SHORT, SPELLED_OUT, OTHER_WORDS)
"""Their names; the first two are of different quality, the last two of the same."""


def prompt_text(name: str) -> str:
    """The text of one of them, with its head."""
    return Path(__file__).with_name(f"{name}.md").read_text(encoding="utf-8")

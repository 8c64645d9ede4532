"""Text that must not be taken for instructions: marked, bounded, and unable to end its own mark."""

from __future__ import annotations

import re

from codybatch.agent.conversation import sendable

_TAGS = (
    "task|repository|profile|readme|limits|guidance|file|untrusted|notice|earlier|notes|edits|"
    "changed|parent|system|instructions"
)
_OURS = re.compile(rf"<(?=[\s/]*(?:{_TAGS})\b)", re.IGNORECASE)
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]")


def untrusted(text: str, most: int, source: str) -> str:
    """``text`` between markers that it cannot close.

    Args:
        text: of the repository's or a model's making.
        most: characters to keep.
        source: what it is, in our own words.
    """
    return f'<untrusted source="{source}">\n{defused(text, most)}\n</untrusted>'


def defused(text: str, most: int) -> str:
    """``text`` cut to ``most`` characters, without anything that looks like one of our tags."""
    kept = text if len(text) <= most else f"{text[:most]}\n[cut: {len(text) - most:,} more]"
    return _OURS.sub("&lt;", sendable(kept))


def one_line(name: str, most: int = 200) -> str:
    """A name on one line: a file's name may hold line breaks and invisible characters."""
    escaped = _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", name.replace("\n", "\\n"))
    return defused(escaped if len(escaped) <= most else f"{escaped[:most]}…", most + 1)

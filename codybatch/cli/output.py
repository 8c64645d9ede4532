"""How commands print: tables for people, JSON for programs, hostile text made harmless."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_HIDDEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
)


def harmless(text: str) -> str:
    """``text`` without what could steer a terminal or hide: such characters are shown as escapes.

    Repositories and the model write what we print: escape sequences could rewrite the screen, and
    bidirectional marks show code in another order than it runs.
    """
    return _HIDDEN.sub(_escaped, text)


def _escaped(found: re.Match[str]) -> str:
    number = ord(found[0])
    return f"\\x{number:02x}" if number < 256 else f"\\u{number:04x}"


def on_one_line(text: str, width: int = 100) -> str:
    """``text`` made harmless, on one line, cut to ``width`` characters."""
    flat = harmless(" ".join(text.split()))
    return flat if len(flat) <= width else flat[: width - 1] + "…"


def say(text: str = "") -> None:
    """Print a line of ours, with text of others made harmless in it."""
    print(harmless(text))


def hint(text: str) -> None:
    """Say what to do next, on standard error, so that it never mixes with what is piped on."""
    print(harmless(text), file=sys.stderr)


def print_json(value: object) -> None:
    """Print a value of plain JSON types."""
    print(json.dumps(value, indent=2, ensure_ascii=False))


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows under headings: as wide as the terminal, or whole and tab-separated in a pipe."""
    if not sys.stdout.isatty():
        for row in rows:
            print("\t".join(on_one_line(cell, 10_000) for cell in row))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(on_one_line(cell)) for cell in row))
    Console().print(table)


def print_facts(facts: Mapping[str, str]) -> None:
    """Print names and values, one a line; values may have several lines."""
    width = max(map(len, facts), default=0)
    for name, value in facts.items():
        if value:
            shown = harmless(value).replace("\n", "\n" + " " * (width + 2))
            print(f"{name:<{width}}  {shown}")


def page_of(items: Sequence[Any], cursor: str | None) -> dict[str, Any]:
    """A page of a listing as JSON: its items, and the cursor of the next."""
    return {"items": list(items), "cursor": cursor}

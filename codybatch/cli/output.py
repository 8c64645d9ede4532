"""How commands print: tables for people, JSON for programs, hostile text made harmless."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from codybatch.services.plain_text import HIDDEN, in_plain_sight

LONGEST_CELL = 300
"""Characters of a cell on a terminal; a pipe gets all of it."""


def harmless(text: str) -> str:
    """``text`` without what could steer a terminal or hide: such characters are shown as escapes.

    Repositories and the model write what we print: escape sequences could rewrite the screen, and
    bidirectional marks show code in another order than it runs.
    """
    return in_plain_sight(text)


def on_one_line(text: str, width: int = 100) -> str:
    """``text`` made harmless, on one line, cut to ``width`` characters."""
    flat = harmless(" ".join(text.split()))
    return flat if len(flat) <= width else flat[: width - 1] + "…"


def styled(text: str, **style: Any) -> str:
    """``text`` with ``typer.style``'s colours; as it is where NO_COLOR is set (no-color.org)."""
    import typer

    return text if os.environ.get("NO_COLOR") else typer.style(text, **style)


def say(text: str = "") -> None:
    """Print a line of ours, with text of others made harmless in it."""
    print(harmless(text))


def hint(text: str) -> None:
    """Say what to do next, on standard error, so that it never mixes with what is piped on."""
    print(harmless(text), file=sys.stderr)


def print_json(value: object) -> None:
    """Print a value of plain JSON types; what could steer a terminal is escaped as JSON does it."""
    print(HIDDEN.sub(_escaped_in_json, json.dumps(value, indent=2, ensure_ascii=False)))


def json_line(text: str) -> str:
    """One line of JSON, escaped like ``print_json`` does it."""
    return HIDDEN.sub(_escaped_in_json, text)


def _escaped_in_json(found: re.Match[str]) -> str:
    return json.dumps(found[0])[1:-1] if found[0] > "\x7f" else f"\\u{ord(found[0]):04x}"


def page_of(items: Sequence[Any], cursor: str | None) -> dict[str, Any]:
    """A page of a listing as JSON: its items, and the cursor of the next."""
    return {"items": list(items), "cursor": cursor}


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows: aligned under headings on a terminal, whole and tab-separated in a pipe.

    Where a terminal is too narrow for all columns, the first and the last (an id, and the longest)
    go to a line of their own, so that ids and addresses stay whole.
    """
    if not sys.stdout.isatty():
        for row in rows:
            print("\t".join(harmless(" ".join(cell.split())) for cell in row))
        return
    from codybatch.cli.terminal import draw_table

    draw_table(columns, [[on_one_line(cell, LONGEST_CELL) for cell in row] for row in rows])


def print_facts(facts: Mapping[str, str]) -> None:
    """Print names and values; values may have several lines, and are wrapped on a terminal."""
    indent = max(map(len, facts), default=0) + 2
    width = shutil.get_terminal_size().columns - indent if sys.stdout.isatty() else 0
    for name, value in facts.items():
        if value:
            lines = [part for line in value.split("\n") for part in _wrapped(harmless(line), width)]
            print(f"{name:<{indent}}" + ("\n" + " " * indent).join(lines))


def _wrapped(line: str, width: int) -> list[str]:
    if width < 20:  # a pipe, or a terminal in which nothing could be read
        return [line]
    return textwrap.wrap(line, width, break_long_words=False, break_on_hyphens=False) or [""]

"""The outline of a page of turns. It is HTML because a link to a place on the page is nothing else;
it holds our own numbers and words alone, nothing of a model or a repository.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from urllib.parse import urlencode

from codybatch.ui.conversation.turns import ShownTurn


def outline(turns: Sequence[ShownTurn]) -> str:
    """A line a turn: number, time, tools, and a dot where something went wrong."""
    return f'<nav class="turns" aria-label="Turns">{"".join(map(_entry, turns))}</nav>'


def heading(turn: ShownTurn, address: Mapping[str, str], *, is_here: bool = False) -> str:
    """A turn's line: a link to it that can be copied, when it was, and what it cost.

    Args:
        turn: whose.
        address: the parameters of the page that shows it.
        is_here: whether the address names this turn.
    """
    name = escape(turn.title)
    if turn.number:
        query = escape(urlencode({**address, "turn": str(turn.number)}))
        name = f'<a href="?{query}" title="The address of this turn">{name}</a>'
    paid = f'<span class="paid">{escape(turn.paid)}</span>' if turn.paid else ""
    marks = f"turn-line{' wrong' if turn.has_error else ''}{' here' if is_here else ''}"
    role = "" if turn.number else " begins"
    return (
        f'<div class="{marks}{role}" id="{escape(turn.anchor)}"><strong>{name}</strong>'
        f"<span>{escape(turn.time)}</span>{paid}</div>"
    )


def _entry(turn: ShownTurn) -> str:
    name = str(turn.number) if turn.number else "◦"
    dot = '<b role="img" aria-label="an error" title="An error">●</b>' if turn.has_error else ""
    tools = escape(", ".join(turn.tools))
    spoken = escape(f"{turn.title}, {turn.time}")
    return (
        f'<a href="#{escape(turn.anchor)}" aria-label="{spoken}"><i>{name}</i>'
        f"<time>{escape(turn.time[:5])}</time><span>{tools}</span>{dot}</a>"
    )

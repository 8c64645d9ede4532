"""One output of a notebook: HTML that is escaped as it is put together, and ends before it is long.

A notebook keeps every output in its file, so that one output is at most ``MOST_BYTES``; whatever
does not fit is left out whole, and a note says what and where it can be had.
"""

from __future__ import annotations

from html import escape
from pathlib import Path

MOST_BYTES = 200_000
"""Of one output, its style included."""
MOST_TEXT = 20_000
"""Characters of the plain text that stands in for it."""
_FOR_THE_END = 4_000
"""Bytes kept for notes and closing tags."""
_STYLE = Path(__file__).with_name("style.css")


class Html(str):
    """Text that is HTML already; every other text is escaped where it goes into a tag."""

    __slots__ = ()


def tag(name: str, *content: str, **attributes: str | bool) -> Html:
    """An element.

    Args:
        name: of the element.
        content: texts, which are escaped, and ``Html``, which is not.
        attributes: escaped; ``class_`` is ``class``, True is an attribute without a value and
            False none.
    """
    written = "".join(_written(name, value) for name, value in attributes.items())
    inner = "".join(one if isinstance(one, Html) else escape(one, quote=False) for one in content)
    return Html(f"<{name}{written}>{inner}</{name}>")


def joined(*parts: str) -> Html:
    """Parts one after the other; what is not HTML is escaped."""
    return Html(
        "".join(one if isinstance(one, Html) else escape(one, quote=False) for one in parts)
    )


def _written(name: str, value: str | bool) -> str:
    if value is False:
        return ""
    plain = name.rstrip("_").replace("_", "-")
    return f" {plain}" if value is True else f' {plain}="{escape(str(value))}"'


class Sheet:
    """HTML of one output, as long as it fits."""

    def __init__(self, label: str, most_bytes: int = MOST_BYTES) -> None:
        """Begin an output.

        Args:
            label: what it is, for those who do not see it.
            most_bytes: of the whole.
        """
        self._label = label
        self._style = _STYLE.read_text(encoding="utf-8")
        self._parts: list[Html] = []
        self._notes: list[Html] = []
        self.room = most_bytes - _FOR_THE_END - len(self._style.encode()) - len(label.encode()) * 6
        """Bytes that are left."""

    def add(self, part: Html) -> bool:
        """Add a part where it fits; False where it does not, and is left out."""
        size = len(part.encode())
        if size > self.room:
            return False
        self.room -= size
        self._parts.append(part)
        return True

    def note(self, text: str) -> None:
        """Say something at the end; there is always room for a few short notes."""
        self._notes.append(tag("p", text[:500], class_="cb-note"))

    def html(self) -> Html:
        """The whole output."""
        style = tag("style", Html(self._style))
        return tag(
            "div",
            *(style, *self._parts, *self._notes[:4]),
            class_="codybatch",
            role="group",
            aria_label=self._label,
        )


def cut_text(text: str, where: str) -> str:
    """A plain text of one output; cut where it is long, with a note on ``where`` the rest is."""
    if len(text) <= MOST_TEXT:
        return text
    return f"{text[:MOST_TEXT]}\n… {len(text) - MOST_TEXT:,} more characters: {where}"


def table(headings: tuple[str, ...], rows: list[tuple[str, ...]], numbers: frozenset[int]) -> Html:
    """A table.

    Args:
        headings: of its columns.
        rows: their cells.
        numbers: the places of columns that hold numbers, from 0.
    """
    head = tag("tr", *(tag("th", one, scope="col") for one in headings))
    body = [
        tag("tr", *(_cell(text, place in numbers) for place, text in enumerate(row)))
        for row in rows
    ]
    return tag("table", tag("thead", head), tag("tbody", *body))


def _cell(text: str, is_number: bool) -> Html:
    return tag("td", text, class_="cb-number") if is_number else tag("td", text)

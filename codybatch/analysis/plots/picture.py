"""A picture: SVG with a title and a description, and the numbers behind it as a table."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from codybatch.analysis.display.sheet import Html, Sheet, joined, table, tag

INK = "currentColor"
"""What lines and words are drawn in: whatever the page writes in, light or dark."""
BLUE, GREEN, ORANGE, RED, PURPLE, GRAY = (
    *("#3b82c4", "#2e9e6b", "#d98a1f", "#d1495b"),
    *("#8d6cc9", "#8a8a94"),
)
"""Fills that are told apart on light and on dark, and by most who see colours otherwise."""
ON_FILL = "#0b0b0f"
"""What is written on any of these."""
_ALONE = "svg{color:#1b1b22}@media (prefers-color-scheme:dark){svg{color:#ededf2}}"
"""Of a file by itself, which has no page around it."""


@dataclass(frozen=True)
class Picture:
    """A picture for a notebook or a file."""

    title: str
    description: str
    """What it shows, in words, for those who do not see it."""
    width: int
    height: int
    body: Html
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    """Its numbers."""

    @property
    def svg(self) -> str:
        """The picture by itself, fit for a file."""
        return self.drawn(tag("style", _ALONE))

    def save(self, path: str | Path) -> Path:
        """Write the picture to an SVG file, and give its path."""
        file = Path(path)
        file.write_text(self.svg, encoding="utf-8")
        return file

    def __repr__(self) -> str:
        """What it shows, in words, and its numbers."""
        lines = ["  ".join(row) for row in (self.headings, *self.rows)]
        return "\n".join([self.title, self.description, *lines])

    def _repr_html_(self) -> str:
        sheet = Sheet(self.title)
        sheet.add(tag("div", tag("strong", self.title), class_="cb-head"))
        sheet.add(self.drawn())
        numbers = table(self.headings, list(self.rows), frozenset(range(1, len(self.headings))))
        sheet.add(tag("details", tag("summary", "Its numbers"), numbers))
        return sheet.html()

    def _repr_svg_(self) -> str:
        return self.svg

    def drawn(self, *before: Html) -> Html:
        """The picture as a part of a page.

        Args:
            before: what stands in it before all else.
        """
        name = hashlib.sha256(joined(self.title, self.description, self.body).encode()).hexdigest()
        title, description = f"cb-{name[:10]}-title", f"cb-{name[:10]}-description"
        return tag(
            "svg",
            tag("title", self.title, id=title),
            tag("desc", self.description, id=description),
            *(*before, self.body),
            xmlns="http://www.w3.org/2000/svg",
            role="img",
            aria_labelledby=f"{title} {description}",
            viewBox=f"0 0 {self.width} {self.height}",
            width=str(self.width),
            font_family="system-ui, sans-serif",
            font_size="12",
            fill=INK,
            style="max-width:100%;height:auto",
        )


def words(
    text: str,
    x: float,
    y: float,
    anchor: str = "start",
    *,
    opacity: str = "1",
    fill: str = INK,
) -> Html:
    """A line of text at a point."""
    return tag("text", text, x=at(x), y=at(y), text_anchor=anchor, opacity=opacity, fill=fill)


def line(x1: float, y1: float, x2: float, y2: float, opacity: str = "1") -> Html:
    """A thin line."""
    return tag("line", x1=at(x1), y1=at(y1), x2=at(x2), y2=at(y2), stroke=INK, opacity=opacity)


def box(x: float, y: float, width: float, height: float, fill: str, told: str = "") -> Html:
    """A filled rectangle; ``told`` is said where a pointer rests on it."""
    inner = (tag("title", told),) if told else ()
    return tag("rect", *inner, x=at(x), y=at(y), width=at(width), height=at(height), fill=fill)


def at(number: float) -> str:
    """A coordinate, to a hundredth."""
    return f"{number:.2f}".rstrip("0").rstrip(".")

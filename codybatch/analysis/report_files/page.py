"""A page by itself: head, contents, sections, and what they are built of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from codybatch.analysis.display.sheet import Html, joined, tag
from codybatch.analysis.plots.picture import Picture
from codybatch.services.plain_text import in_plain_sight

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
"""Nothing runs, nothing is fetched; the one style is in the page."""
_OF_WORDS = frozenset({"In words", "Unbeaten"})
"""Columns of pictures' numbers that hold none."""
_STYLE = Path(__file__).with_name("style.css")


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page that stands in its contents."""

    id: str
    title: str
    body: Html


def page(title: str, head: Html, sections: Sequence[Section], foot: Html) -> str:
    """The whole page.

    Args:
        title: of the window.
        head: what stands before the sections.
        sections: in order.
        foot: what stands after them.
    """
    entries = (tag("li", tag("a", one.title, href=f"#{one.id}")) for one in sections)
    contents = tag("nav", tag("p", "Contents"), tag("ol", *entries), aria_label="Contents")
    bodies = (
        tag("section", tag("h2", one.title, id=one.id), one.body, aria_labelledby=one.id)
        for one in sections
    )
    main = tag("main", tag("header", head), *bodies, tag("footer", foot), id="report")
    frame = tag("div", contents, main, class_="frame")
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"{tag('title', fit(title))}\n<style>\n{_STYLE.read_text(encoding='utf-8')}</style>\n"
        f"</head>\n<body>\n{tag('a', 'To the report', href='#report', class_='skip')}\n{frame}\n"
        "</body>\n</html>\n"
    )


def fit(text: str) -> str:
    """A text of anybody's: what hides in it is in plain sight."""
    return in_plain_sight(text)


def paragraphs(sentences: Iterable[str], class_: str = "") -> Html:
    """A paragraph for each sentence."""
    return joined(*(tag("p", fit(one), class_=class_ or False) for one in sentences))


def facts(told: Iterable[tuple[str, str]]) -> Html:
    """Names and values, side by side; what has no value is left out."""
    pairs = (
        joined(tag("dt", name), tag("dd", value if isinstance(value, Html) else fit(value)))
        for name, value in told
        if value
    )
    return tag("dl", *pairs)


def badge(text: str, tone: str = "") -> Html:
    """A word in a box; ``tone`` is good, bad, open, info or nothing."""
    return tag("span", text, class_=f"badge {tone}".strip())


def table(
    caption: str,
    headings: Sequence[str],
    rows: Iterable[Sequence[str]],
    numbers: Iterable[int] = (),
    class_: str = "",
) -> Html:
    """A table that can be scrolled sideways and has a caption; the first cell heads its row.

    Args:
        caption: what it shows.
        headings: of its columns.
        rows: their cells: texts, or HTML.
        numbers: the places of columns that hold numbers, from 0.
        class_: of the table.
    """
    right = frozenset(numbers)
    head = tag(
        "tr",
        *(
            tag("th", one, scope="col", class_="n" if place in right else False)
            for place, one in enumerate(headings)
        ),
    )
    body = (_row(row, right) for row in rows)
    whole = tag(
        "table",
        tag("caption", caption),
        tag("thead", head),
        tag("tbody", *body),
        class_=class_ or False,
    )
    return scrolled(whole, caption)


def scrolled(content: Html, label: str) -> Html:
    """What may be wider than the page; reached by the keyboard, too."""
    return tag("div", content, class_="scroll", tabindex="0", role="group", aria_label=label)


def _row(row: Sequence[str], right: frozenset[int]) -> Html:
    cells = [
        tag(
            "td" if place else "th",
            one if isinstance(one, Html) else fit(one),
            scope=False if place else "row",
            class_="n" if place in right else False,
        )
        for place, one in enumerate(row)
    ]
    return tag("tr", *cells)


def figure(picture: Picture) -> Html:
    """A picture with its title, and its numbers behind a fold."""
    named = enumerate(picture.headings)
    numbers = [place for place, one in named if place and one not in _OF_WORDS]
    return tag(
        "figure",
        tag("figcaption", picture.title),
        scrolled(picture.drawn(), f"{picture.title}, a picture"),
        fold("Its numbers", table(picture.title, picture.headings, picture.rows, numbers)),
    )


def fold(summary: str, *content: str, is_open: bool = False, id_: str = "") -> Html:
    """What is shown when it is asked for."""
    head = summary if isinstance(summary, Html) else fit(summary)
    return tag("details", tag("summary", head), *content, open=is_open, id=id_ or False)


def link(text: str, address: str) -> Html:
    """A link, or the text alone where there is no address."""
    return tag("a", text, href=address) if address else joined(fit(text))

"""A model's prose as markdown of which only harmless parts are left.

Paragraphs, lists, quotations, bold words, inline code and code blocks stay what they are, because
prose full of asterisks is tiring to read. All else is text: no link, image, HTML, formula, icon or
emoji comes of it. The result is put together from nothing but escaped text, code and our own marks,
so that what is not thought of here is text, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from codybatch.ui.plain_text import literal

_FENCE = re.compile(r" {0,8}(`{3,}|~{3,})[ \t]*([A-Za-z0-9_+-]{0,20})[^`\n]*")
_LINE = re.compile(r"(?P<indent>[ \t]*)(?P<mark>(?:[-*+]|\d{1,9}[.)]|>|#{1,6})[ \t]+)?(?P<rest>.*)")
_INLINE = re.compile(r"(?P<ticks>`+)(?P<code>.+?)(?<!`)(?P=ticks)(?!`)|\*\*(?P<bold>[^*`]+)\*\*")
_ICON = ":material/"
"""Streamlit 1.67 acts upon it in code, too."""
_TICKS = re.compile(r"`+")
_ACTED_UPON = re.compile(
    r"[A-Za-z][\w+.-]*://\S+|\bwww\.\S+|\S+@\S+"  # made to links
    r"|:[\w+-]+:"  # emoji; of icons, whose names hold a slash, its escape is enough
    r"|<?-+>|<-+|-{2,}\S*|[<>~]="  # arrows and other signs
)
"""What Streamlit 1.67 acts upon in plain words, escaped or not: it is shown as code."""


@dataclass(frozen=True)
class Prose:
    """A piece of it: markdown to show as such, or a block of code."""

    text: str
    is_code: bool = False
    language: str | None = None


def pieces(text: str) -> Iterator[Prose]:
    """``text`` (without secrets and hidden characters) in pieces, in order."""
    lines: list[str] = []
    fence, language = "", ""
    for line in text.split("\n"):
        opening = _FENCE.fullmatch(line)
        if fence:
            if line.strip().startswith(fence) and not line.strip().strip(fence[0]):
                yield from _piece(lines, language, is_code=True)
                lines, fence = [], ""
            else:
                lines.append(line)
        elif opening:
            yield from _piece(lines)
            lines, fence, language = [], opening[1], opening[2]
        else:
            lines.append(line)
    yield from _piece(lines, language, is_code=bool(fence))


def inline(text: str) -> str:
    """One line of words as markdown in which only inline code and bold words mean anything."""
    parts: list[str] = []
    end = 0
    for found in _INLINE.finditer(text):
        parts.append(_words(text[end : found.start()]))
        code = found["code"]
        parts.append(as_code(code) if code is not None else f"**{_words(found['bold'])}**")
        end = found.end()
    return "".join(parts) + _words(text[end:])


def as_code(text: str) -> str:
    """``text`` as inline code, which it cannot close; on one line."""
    flat = " ".join(text.split())
    return literal(_ICON).join(map(_span, flat.split(_ICON)))


def _span(flat: str) -> str:
    if not flat.strip():
        return ""
    longest = max((len(ticks) for ticks in _TICKS.findall(flat)), default=0)
    fence = "`" * (longest + 1)
    return f"{fence} {flat} {fence}" if "`" in flat else f"{fence}{flat}{fence}"


def _piece(lines: list[str], language: str = "", *, is_code: bool = False) -> Iterator[Prose]:
    if is_code:
        yield Prose("\n".join(lines), is_code=True, language=language.lower() or None)
    elif any(line.strip() for line in lines):
        yield Prose("\n".join(map(_line, lines)).strip("\n"))


def _line(line: str) -> str:
    found = _LINE.fullmatch(line)
    if found is None:  # a line holds no line break, so that this is for the reader of types
        return inline(line)
    mark, rest = (found["mark"] or "").strip(), found["rest"].strip()
    if mark.startswith("#"):
        return f"**{_words(rest)}**  " if rest else ""
    indent = " " * min(len(found["indent"].expandtabs(4)), 8) if mark else ""
    return f"{indent}{mark} {inline(rest)}" if mark else inline(rest)


def _words(text: str) -> str:
    """Words that mean nothing to markdown."""
    parts: list[str] = []
    end = 0
    for found in _ACTED_UPON.finditer(text):
        parts += [literal(text[end : found.start()]), as_code(found[0])]
        end = found.end()
    return "".join(parts) + literal(text[end:])

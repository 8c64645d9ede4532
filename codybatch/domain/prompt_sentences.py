"""A prompt's English text in sentences, and which of them order something.

English only: a text in another language has no orders here. Code between backticks is not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

EDITS = frozenset(
    "add annotate apply bump change clean convert correct delete drop edit extract fix format "  # noqa: SIM905
    "implement inline insert introduce merge migrate modernise modernize modify move optimise "
    "optimize patch polish port raise refactor reformat remove rename replace repair restructure "
    "rewrite simplify sort split switch tidy translate update upgrade".split()
)
"""Verbs that order a change of files."""
MAKES = EDITS | frozenset(
    "build create declare enable disable ensure extend give make name pin put set support turn use "  # noqa: SIM905
    "wrap write".split()
)
"""Also those that order one only by what follows."""
LOOKS = frozenset(
    "analyse analyze answer assess audit check compare count describe determine examine explain "  # noqa: SIM905
    "find identify inspect list look locate read report review search show state suggest summarise "
    "summarize tell verify".split()
)
"""Verbs that order somebody to look or to tell."""

_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`", re.DOTALL)
_ITEM = r"(?:[-*•#]+|\d+[.)])[ \t]+"
_BETWEEN = re.compile(rf"(?:(?<=[.!?:;])[\"')]?\s+|\n[ \t]*\n\s*)(?:{_ITEM})?|\n[ \t]*{_ITEM}")
_LEADING = re.compile(
    r"(?:[-*•#\s]|\d+[.)]\s|(?:please|then|also|finally|and|next|afterwards|first|now|lastly|always)"
    r"\b,?|when (?:you are )?done,?|(?:can|could|would|will) you\b|you (?:must|should)\b|"
    r"make sure (?:to|you)\b|be sure to\b)+",
    re.IGNORECASE,
)
_CONNECTED = re.compile(r"(?:,|\band\b|\bthen\b)\s+(?!(?:and|then)\b)(?=[a-z])", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z][A-Za-z'\u2019-]*")
_COMMON = frozenset(
    "the of to and this that for with it every each is are be what which how where".split()  # noqa: SIM905
)
_FEW_WORDS = 8
_LOOK_BACK = 60
_INFINITIVE = re.compile(
    r"\b(?:to|that|which|how|can|who|may|not|never)\s+[\w-]+(?:\s+(?:it|them|these|those))?\Z",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Sentence:
    """A sentence, an item of a list or a heading: a part of the text."""

    text: str
    """With code blanked out, character by character."""
    start: int
    """Its offset in the prompt's text."""

    @property
    def is_question(self) -> bool:
        """Whether it asks; a polite order does not."""
        polite = re.match(r"\W*(?:can|could|would|will) you\b", self.text, re.IGNORECASE)
        return self.text.rstrip().endswith("?") and polite is None

    @property
    def order_at(self) -> int:
        """Where its first word stands that is more than politeness or sequence."""
        found = _LEADING.match(self.text)
        at = found.end() if found else 0
        return at + len(self.text[at:]) - len(self.text[at:].lstrip())

    @property
    def first_word(self) -> str:
        """That word in lower case; empty where there is none."""
        found = _WORD.match(self.text, self.order_at)
        return found[0].lower() if found else ""

    def orders(self) -> Iterator[int]:
        """Where its orders begin: at its first word, and behind "and" or "then" in an order."""
        if self.is_question:
            return
        first = self.order_at
        yield first
        if self.first_word not in MAKES | LOOKS | {"run", "commit", "do", "leave", "keep"}:
            return
        for found in _CONNECTED.finditer(self.text, first):
            before = self.text[max(found.start() - _LOOK_BACK, 0) : found.start()]
            if not _INFINITIVE.search(before.rstrip()):
                yield found.end()


def blanked(text: str) -> str:
    """``text`` with what stands between backticks blanked out, of the same length."""
    return _CODE.sub(lambda found: _blank(found[0]), text)


def _blank(code: str) -> str:
    inner = re.sub(r"[^\s]", "·", code)
    return inner if code.startswith("```") else f"`{inner[1:-1]}`"


def sentences_of(text: str) -> tuple[Sentence, ...]:
    """The sentences of a text, in order."""
    plain = blanked(text)
    found, start = [], 0
    for gap in [*_BETWEEN.finditer(plain), None]:
        end = len(plain) if gap is None else gap.start()
        if plain[start:end].strip():
            found.append(Sentence(plain[start:end], start))
        start = end if gap is None else gap.end()
    return tuple(found)


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text in lower case, code left out."""
    return tuple(word.lower() for word in _WORD.findall(blanked(text)))


def is_english(text: str) -> bool:
    """Whether a text is one that the rules can read: it has words that English alone has."""
    words = words_of(text)
    letters = [one for one in text if one.isalpha()]
    foreign = sum(not one.isascii() for one in letters)
    if not words or foreign * 10 > len(letters):
        return False
    return len(words) <= _FEW_WORDS or not _COMMON.isdisjoint(words)

"""Search: records that hold all of some words.

The rarest word's records are walked, newest first, and each is looked at: it must hold the others,
and still hold that one.
"""

from __future__ import annotations

from collections.abc import Iterator

from codybatch.ports.lists import PageRequest
from codybatch.stores.aws import keys
from codybatch.stores.aws.pages import Places, entries
from codybatch.stores.aws.table import Range, Table
from codybatch.stores.places import Bounds

_ENOUGH = 100


def name_of(table: str, words: frozenset[str]) -> str:
    """The name of a search's list; ``table`` is ``jobs`` or ``requests``."""
    return f"{table} with:{' '.join(sorted(words))}"


def places(table: Table, of: str, words: frozenset[str], page: PageRequest) -> Places:
    """The places of the records with the rarest of some words; ``of`` is ``J`` or ``R``."""

    def found(between: Bounds, wanted: int) -> Iterator[str]:
        rarest = _rarest(table, of, words)
        for item in entries(table, [rarest], page, between, wanted):
            if between.after < item.key.sk < between.before:
                yield item.key.sk

    return found


def _rarest(table: Table, of: str, words: frozenset[str]) -> str:
    """The partition of the word that the fewest records hold (counted up to a bound)."""
    names = [keys.word(of, word) for word in sorted(words)]
    if len(names) == 1:
        return names[0]
    return min(names, key=lambda name: table.count(Range(name), _ENOUGH))

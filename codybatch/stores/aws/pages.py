"""Pages of lists: places are read from the list's items, records from their own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from heapq import merge
from itertools import islice
from typing import TypeVar

from codybatch.ports.lists import Page, PageRequest
from codybatch.stores import cursors
from codybatch.stores.aws.items import Item
from codybatch.stores.aws.table import Range, Table
from codybatch.stores.places import Bounds, bounds, checked_limit, name_for

T = TypeVar("T")

Places = Callable[[Bounds, int], Iterable[str]]
"""The places of a list between bounds, in the page's order; about so many will be taken."""
_AFTER_FIRST = 100


def read_page(
    page: PageRequest,
    list_name: str,
    places: Places,
    load: Callable[[Sequence[str]], Mapping[str, T]],
    belongs: Callable[[T], bool],
) -> Page[T]:
    """One page of a list, and the cursor to the next.

    Args:
        page: which.
        list_name: a cursor is good for the list of this name alone.
        places: see ``Places``.
        load: the records at some places, where there still are any.
        belongs: whether a record is in the list and in the page's time: its place may be noted
            before it is, or after it has left.

    Raises:
        InvalidCursor: the cursor is forged or of another list.
        UsageError: no page has so many rows.
    """
    between = bounds(page, list_name)
    limit = checked_limit(page)
    found: list[tuple[str, T]] = []
    for some in _chunks(places(between, limit + 1), limit + 1):
        loaded = load(some)
        there = [(place, loaded[place]) for place in some if place in loaded]
        found += [(place, one) for place, one in there if belongs(one)]
        if len(found) > limit:
            break
    more = len(found) > limit
    cursor = cursors.encode(name_for(page, list_name), found[limit - 1][0]) if more else None
    return Page(tuple(one for _, one in found[:limit]), cursor)


def _chunks(places: Iterable[str], first: int) -> Iterator[list[str]]:
    left = iter(places)
    size = first
    while some := list(islice(left, size)):
        yield some
        size = _AFTER_FIRST


def in_time(page: PageRequest, created_at: datetime) -> bool:
    """Whether a record was created in a page's time, to the microsecond."""
    is_late_enough = page.since is None or created_at >= page.since
    return is_late_enough and (page.until is None or created_at < page.until)


def entries(
    table: Table, names: Sequence[str], page: PageRequest, between: Bounds, wanted: int
) -> Iterator[Item]:
    """The items of some lists between two places (both included), together in the page's order.

    Args:
        table: where they are.
        names: their partitions: the shards of one list.
        page: says in which order.
        between: the places.
        wanted: how many will be taken, about.
    """
    first, last = between.after or " ", between.before
    if first > last:
        return iter(())
    limit = -(-wanted // len(names)) + (_SPREAD if len(names) > 1 else 0)
    newest_first = not page.oldest_first
    lists = [
        table.query(Range(name, first, last), limit=limit, newest_first=newest_first)
        for name in names
    ]
    return merge(*lists, key=lambda item: item.key.sk, reverse=newest_first)


_SPREAD = 8
"""By how many rows a shard may have more than its part without being read on."""

"""The words that records are found by: an item for each word and record.

A request's words stand once, with the jobs that have them too (of a repository's name: its own); a
job adds only what it says of itself. They are written before the record, outside of its
transaction, so that none is ever missed. A word that a record no longer has stays: whoever comes
by it looks at the record itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from heapq import merge
from itertools import groupby

from codybatch.domain.jobs import Job
from codybatch.domain.requests import Request
from codybatch.ports.lists import PageRequest
from codybatch.stores.aws import keys, listing
from codybatch.stores.aws.items import Item, Key
from codybatch.stores.aws.pages import Places
from codybatch.stores.aws.table import Range, Table
from codybatch.stores.places import Bounds, place_of_job, place_of_request
from codybatch.stores.words import request_words, words_of

_ENOUGH = 100


def of_request(request: Request, jobs: Sequence[Job], before: Request | None = None) -> list[Item]:
    """The items by which a request and its jobs are found.

    Args:
        request: as it will be.
        jobs: all of its own.
        before: where it is changed: what it was; only words that find more are given.
    """
    known = _jobs_by_word(before, jobs) if before else {}
    place = place_of_request(request)
    return [
        Item(Key(keys.word("R", word), place), {listing.JOBS: listing.spans(sorted(found))})
        for word, found in sorted(_jobs_by_word(request, jobs).items())
        if word not in known or found > known[word]
    ]


def _jobs_by_word(request: Request, jobs: Sequence[Job]) -> dict[str, set[int]]:
    found: dict[str, set[int]] = defaultdict(set)
    for word in request_words(request):
        found[word] = set()
    for word in words_of([request.title, request.prompt.name]):
        found[word] = {job.index for job in jobs}
    for job in jobs:
        for word in words_of([job.repository.full_name]):
            found[word].add(job.index)
    return found


def of_job(before: Job | None, after: Job) -> list[Item]:
    """The items by which a job is found by what it says of itself, as far as they are new."""
    said = _said(after) - (_said(before) if before else frozenset())
    place = place_of_job(after)
    return [Item(Key(keys.word("J", word), place)) for word in sorted(said)]


def _said(job: Job) -> frozenset[str]:
    return words_of([job.title, job.summary]) if job.title or job.summary else frozenset()


def name_of(table: str, words: frozenset[str]) -> str:
    """The name of a search's list; ``table`` is ``jobs`` or ``requests``."""
    return f"{table} with:{' '.join(sorted(words))}"


def requests(table: Table, words: frozenset[str], page: PageRequest) -> Places:
    """The places of the requests with the rarest of some words."""

    def places(between: Bounds, wanted: int) -> Iterator[str]:
        rarest = _rarest(table, "R", words)
        return iter(listing.listed(table, [keys.word("R", rarest)], page)(between, wanted))

    return places


def jobs(table: Table, words: frozenset[str], page: PageRequest) -> Places:
    """The places of the jobs that have, or whose request has, the rarest of some words."""

    def places(between: Bounds, wanted: int) -> Iterator[str]:
        rarest = _rarest(table, "RJ", words)
        both = (
            listing.of_requests(table, keys.word("R", rarest), page)(between, wanted),
            listing.listed(table, [keys.word("J", rarest)], page)(between, wanted),
        )
        for place, _ in groupby(merge(*both, reverse=not page.oldest_first)):
            yield place

    return places


def _rarest(table: Table, of: str, words: frozenset[str]) -> str:
    """The word that the fewest records hold (counted up to a bound)."""
    if len(words) == 1:
        return next(iter(words))
    return min(
        sorted(words),
        key=lambda word: sum(table.count(Range(keys.word(one, word)), _ENOUGH) for one in of),
    )

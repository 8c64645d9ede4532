"""Which list answers which partition, and where its places are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from codybatch.ports.lists import PageRequest, Partition, PartitionKind
from codybatch.stores.aws import keys
from codybatch.stores.aws.items import Item, damaged
from codybatch.stores.aws.pages import Places, entries
from codybatch.stores.aws.table import Table
from codybatch.stores.lists import partition_value
from codybatch.stores.places import Bounds

JOBS = "jobs"
"""The attribute of a request's entry in a list: the indexes of its jobs there."""
_REQUESTS_PLACE = 41
"""Characters of a request's place, which a job's begins with."""
_OF_FLAGS = {
    PartitionKind.OPEN_PULL_REQUEST,
    PartitionKind.UNJUDGED,
    PartitionKind.WITHHELD,
}


def spans(indexes: Sequence[int]) -> str:
    """Indexes of jobs as text: ``1-3,7``; empty where there are none."""
    found: list[list[int]] = []
    for index in sorted(indexes):
        if found and found[-1][-1] == index - 1:
            found[-1][1:] = [index]
        else:
            found.append([index])
    return ",".join("-".join(map(str, span)) for span in found)


def indexes(item: Item) -> list[int]:
    """The indexes in an entry of a list.

    Raises:
        StoreDamaged: they cannot be read.
    """
    found: list[int] = []
    try:
        for span in filter(None, item.text(JOBS).split(",")):
            first, _, last = span.partition("-")
            found += range(int(first), int(last or first) + 1)
    except ValueError as error:
        raise damaged(item.key, "its jobs cannot be read") from error
    return found


def name_of(partition: Partition) -> str:
    """The partition of the list of requests, which is also that of their jobs."""
    return keys.list_name(
        _KIND.get(partition.kind, partition.kind.name), partition_value(partition)
    )


_KIND = {PartitionKind.EVERYTHING: "ALL"}


def requests(table: Table, partition: Partition, page: PageRequest) -> Places:
    """The places of the requests of a partition."""
    return listed(table, [name_of(partition)], page)


def jobs(table: Table, partition: Partition, page: PageRequest) -> Places:
    """The places of the jobs in a partition, but for one request's."""
    if partition.kind is PartitionKind.STATE:
        return listed(table, keys.state_lists(partition.value), page)
    if partition.kind in _OF_FLAGS:
        return listed(table, [name_of(partition)], page)
    return of_requests(table, name_of(partition), page)


def listed(table: Table, names: Sequence[str], page: PageRequest) -> Places:
    """The places that lists hold themselves."""

    def places(between: Bounds, wanted: int) -> Iterator[str]:
        for item in entries(table, names, page, between, wanted):
            if between.after < item.key.sk < between.before:
                yield item.key.sk

    return places


def of_requests(table: Table, name: str, page: PageRequest) -> Places:
    """The places of the jobs of the requests in a list."""

    def places(between: Bounds, wanted: int) -> Iterator[str]:
        begun = Bounds(between.after[:_REQUESTS_PLACE], between.before)
        for item in entries(table, [name], page, begun, wanted):
            of_request = indexes(item)
            for index in of_request if page.oldest_first else reversed(of_request):
                place = f"{item.key.sk}-{index:06d}"
                if between.after < place < between.before:
                    yield place

    return places

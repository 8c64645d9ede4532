"""Pages of lists by keyset: what a page costs does not depend on how many rows there are."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from codybatch.ports.lists import Page, PageRequest
from codybatch.stores import cursors, places
from codybatch.stores.embedded import rows
from codybatch.stores.places import checked_limit, microseconds, name_for

T = TypeVar("T")


@dataclass(frozen=True)
class ListQuery:
    """A list in SQL.

    ``source`` is what follows FROM, ``condition`` what picks the list's rows, ``place`` the column
    it is ordered by, ``table`` the one with the documents.
    """

    name: str
    table: str
    columns: str
    source: str
    condition: str
    place: str
    parameters: rows.Columns

    def sql(self, page: PageRequest) -> str:
        """The statement for a page; ``bounds`` has its other parameters."""
        times = f" AND {self.table}.created_at >= :since" if page.since else ""
        times += f" AND {self.table}.created_at < :until" if page.until else ""
        order = "ASC" if page.oldest_first else "DESC"
        return (
            f"SELECT {self.columns}, {self.place} AS place FROM {self.source} "  # noqa: S608
            f"WHERE {self.condition} AND {self.place} > :after AND {self.place} < :before{times} "
            f"ORDER BY {self.place} {order} LIMIT :rows"
        )

    def bounds(self, page: PageRequest) -> rows.Columns:
        """The parameters of a page's place, time and length.

        The times bound the places too, to the millisecond: the range is read from the index.

        Raises:
            InvalidCursor: the cursor is forged or of another list.
        """
        between = places.bounds(page, self.name)
        bounds: rows.Columns = {
            "after": between.after,
            "before": between.before,
            "rows": checked_limit(page) + 1,
        }
        if page.since:
            bounds["since"] = microseconds(page.since)
        if page.until:
            bounds["until"] = microseconds(page.until)
        return bounds


def read_page(
    connection: sqlite3.Connection,
    query: ListQuery,
    page: PageRequest,
    read: Callable[[sqlite3.Row, sqlite3.Connection], T],
) -> Page[T]:
    """One page of a list, and the cursor to the next.

    Raises:
        InvalidCursor: the cursor is forged or of another list.
    """
    parameters = {**query.parameters, **query.bounds(page)}
    found = connection.execute(query.sql(page), parameters).fetchall()
    return page_of(found, page.limit, name_for(page, query.name), lambda row: read(row, connection))


def page_of(
    found: list[sqlite3.Row], limit: int, list_name: str, read: Callable[[sqlite3.Row], T]
) -> Page[T]:
    """The page in ``found``, which has one row more where there is a next page; the rows' key is
    their column ``place``.
    """
    shown = found[:limit]
    more = len(found) > limit
    cursor = cursors.encode(list_name, shown[-1]["place"]) if more else None
    return Page(tuple(read(row) for row in shown), cursor)

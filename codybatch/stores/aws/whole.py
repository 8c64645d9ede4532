"""Records that are changed whole: the items of one list, newest first."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import islice
from typing import TypeVar

from codybatch.domain.experiments import Experiment
from codybatch.domain.schedules import Schedule
from codybatch.ports.lists import Page, PageRequest
from codybatch.stores import cursors
from codybatch.stores.aws.items import Item
from codybatch.stores.aws.table import Range, Table
from codybatch.stores.places import checked_limit

Whole = TypeVar("Whole", Experiment, Schedule)
_ID = re.compile(r"[0-9a-z]{26}")


def newest_first(
    table: Table, items: str, name: str, page: PageRequest, read: Callable[[Item], Whole]
) -> Page[Whole]:
    """A page of all records of a kind.

    Args:
        table: where they are.
        items: the partition that holds their items, by their ids.
        name: the list's, in its cursors.
        page: which one.
        read: makes a record of an item.

    Raises:
        InvalidCursor: the cursor is forged or of another list.
    """
    limit = checked_limit(page)
    last = cursors.start_of(page, name, _ID)
    asked = Range(items, last=last) if last else Range(items)
    found = table.query(asked, limit=limit + 2, newest_first=True)
    after = (item for item in found if item.key.sk != last)
    shown = [read(item) for item in islice(after, limit + 1)]
    cursor = cursors.encode(name, shown[limit - 1].id) if len(shown) > limit else None
    return Page(tuple(shown[:limit]), cursor)

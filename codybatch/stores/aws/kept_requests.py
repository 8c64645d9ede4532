"""A request as two items: what was asked for, which never changes, and its head, which does."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from codybatch.domain.identifiers import RequestId
from codybatch.domain.jobs import Job
from codybatch.domain.money import Budget
from codybatch.domain.requests import JobCounts, Request
from codybatch.domain.states import JobState
from codybatch.stores.aws import amounts, budget_items, keys
from codybatch.stores.aws.items import Item, Key, Value
from codybatch.stores.aws.kept_jobs import record
from codybatch.stores.aws.table import Table
from codybatch.stores.aws.texts import Texts
from codybatch.stores.refused import no_request


def counted(jobs: Sequence[Job]) -> JobCounts:
    """How many jobs are in each state."""
    return JobCounts(**{state.value: sum(job.state is state for job in jobs) for state in JobState})


def head(request: Request) -> dict[str, Value]:
    """The attributes of a new request's head."""
    counts = {state.value: request.counts.of(state) for state in JobState}
    return {**changeable(request), **counts, "version": request.version}


def changeable(request: Request) -> dict[str, Value]:
    """The attributes of what a person may change."""
    cap, released_at = request.budget.cap_usd, request.released_at
    return {
        "title": request.title,
        **({} if cap is None else {"cap": format(cap, "f")}),
        **({} if released_at is None else {"released_at": released_at.isoformat()}),
    }


CHANGEABLE = ("title", "cap", "released_at")


def budget(item: Item) -> Budget:
    """A request's budget out of its head."""
    cap = item.maybe_text("cap")
    return Budget(
        cap_usd=None if cap is None else Decimal(cap),
        spent_usd=amounts.total(item, budget_items.SPENT),
        reserved_usd=amounts.total(item, budget_items.RESERVED),
    )


class RequestItems:
    """The requests of a table."""

    def __init__(self, table: Table, texts: Texts) -> None:
        """Keep where they are."""
        self._table = table
        self._texts = texts

    def load(self, request: RequestId) -> Request:
        """A request.

        Raises:
            NotFound: there is none.
        """
        found = self.find_many([request]).get(request)
        if found is None:
            raise no_request(request)
        return found

    def find_many(self, names: Sequence[RequestId]) -> dict[RequestId, Request]:
        """Those of some requests that there are."""
        wanted = [key for name in names for key in (keys.head(name), keys.text(name))]
        items = self._table.get_many(wanted)
        found = {}
        for name in names:
            top, asked = items.get(keys.head(name)), items.get(keys.text(name))
            if top and asked:
                found[name] = self._read(top, asked)
        return found

    def first(self, request: RequestId) -> Request:
        """A request as it was created.

        Raises:
            NotFound: there is none.
        """
        item = self._table.get(keys.text(request))
        if item is None:
            raise no_request(request)
        return record(Request, self._texts.text(item, "doc"), item)

    def written(self, request: Request) -> tuple[Key, dict[str, Value]]:
        """The item of what a request asks for."""
        return keys.text(request.id), self._texts.packed("doc", request.to_json())

    def _read(self, top: Item, asked: Item) -> Request:
        released_at = top.maybe_text("released_at")
        return record(Request, self._texts.text(asked, "doc"), asked).model_copy(
            update={
                "title": top.text("title"),
                "budget": budget(top),
                "counts": JobCounts(**{state.value: top.number(state) for state in JobState}),
                "released_at": datetime.fromisoformat(released_at) if released_at else None,
                "version": top.number("version"),
            }
        )

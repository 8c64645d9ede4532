"""Requests in DynamoDB: creating, changing, reading, listing, word_items."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from codybatch.domain.identifiers import JobId, Person, RequestId
from codybatch.domain.jobs import Job
from codybatch.domain.requests import Request
from codybatch.ports.lists import EVERYTHING, FIRST_PAGE, Created, Page, PageRequest, Partition
from codybatch.stores import lineages
from codybatch.stores.aws import creation, kept_requests, keys, listing, word_items
from codybatch.stores.aws.creation import Creation
from codybatch.stores.aws.expressions import equals
from codybatch.stores.aws.items import Item
from codybatch.stores.aws.job_items import JobItems
from codybatch.stores.aws.kept_jobs import KeptJob
from codybatch.stores.aws.kept_requests import RequestItems
from codybatch.stores.aws.pages import Places, in_time, read_page
from codybatch.stores.aws.table import Table
from codybatch.stores.aws.transaction import MAX_WRITES, Transaction
from codybatch.stores.idempotency import check_same
from codybatch.stores.lists import check_has_requests, partition_value
from codybatch.stores.places import checked_limit
from codybatch.stores.refused import stale_request
from codybatch.stores.stored_job import new_job
from codybatch.stores.words import request_words, words_asked

_CHANGING = "change a request"


class RequestRecords:
    """The part of ``Records`` about requests."""

    _table: Table
    _jobs: JobItems
    _requests: RequestItems
    _creation: Creation
    _now: Callable[[], datetime]

    def create_request(
        self, request: Request, jobs: Sequence[Job], idempotency_key: str
    ) -> Created:
        """See ``Records.create_request``; ``jobs`` have their request's time, prompt and person."""
        creation.check_jobs(request, jobs)
        made = tuple(new_job(job).job for job in jobs)
        new = creation.new_request(request, made)
        for _ in self._table.tries("create a request"):
            earlier = self._created_under(new, idempotency_key)
            if earlier is not None:
                return earlier
            for root in lineages.continued(made):
                lineages.refuse_beside(self._at_work(root))
            if self._creation.create(new, made, idempotency_key):
                return Created(new, made, replayed=False)
        raise AssertionError

    def _created_under(self, request: Request, key: str) -> Created | None:
        """What was created under a key before.

        Raises:
            IdempotencyConflict: something else was.
        """
        item = self._table.get(keys.idempotency(request.requester, key))
        if item is None:
            return None
        first = RequestId(item.text("request"))
        check_same(self._requests.first(first), request, key)
        jobs = tuple(kept.job for kept in self._jobs.of_request(first))
        return Created(self._requests.load(first), jobs, replayed=True)

    def _at_work(self, root: JobId) -> Job | None:
        """The job of a lineage that has not ended, where there is one."""
        item = self._table.get(keys.busy(root))
        kept = self._jobs.find(JobId(item.text("job")) if item else root)
        if item and kept is None and item.number("until") < self._now().timestamp():
            self._forget(item)
        return kept.job if kept and not kept.job.state.is_terminal else None

    def _forget(self, busy: Item) -> None:
        """Let go of a lineage that a creation took which never came to its end."""
        transaction = Transaction()
        transaction.delete(busy.key, equals("job", busy.text("job")))
        self._table.attempt(transaction, "free a lineage")

    def submitted(self, requester: Person, idempotency_key: str) -> Request | None:
        """See ``Records.submitted``."""
        item = self._table.get(keys.idempotency(requester, idempotency_key))
        return self._requests.load(RequestId(item.text("request"))) if item else None

    def request(self, request: RequestId) -> Request:
        """See ``Records.request``."""
        return self._requests.load(request)

    def update_request(self, request: Request) -> Request:
        """See ``Records.update_request``."""
        for _ in self._table.tries("change a request"):
            stored = self._requests.load(request.id)
            if stored.version != request.version:
                raise stale_request(request.id)
            after = stored.model_copy(
                update={
                    "title": request.title,
                    "released_at": request.released_at,
                    "budget": stored.budget.with_(cap_usd=request.budget.cap_usd),
                    "version": stored.version + 1,
                }
            )
            if self._replace(stored, after):
                return after
        raise AssertionError

    def _replace(self, before: Request, after: Request) -> bool:
        """Write a changed request, and its title on its jobs; False where one changed meanwhile."""
        transaction = Transaction()
        put = kept_requests.changeable(after)
        is_same = equals("version", before.version)
        gone = [name for name in kept_requests.CHANGEABLE if name not in put]
        whole = {**put, "version": after.version}
        transaction.update(keys.head(after.id), whole, gone, is_same)
        if after.title == before.title:
            return self._table.attempt(transaction, _CHANGING)
        jobs = self._jobs.of_request(after.id)
        self._table.put_many(word_items.of_request(after, [one.job for one in jobs], before))
        first, others = jobs[: MAX_WRITES - 1], jobs[MAX_WRITES - 1 :]
        self._rename(transaction, first, after.title)
        if not self._table.attempt(transaction, _CHANGING):
            return False
        for start in range(0, len(others), MAX_WRITES):
            self._rename_later(others[start : start + MAX_WRITES], after.title)
        return True

    def _rename(self, transaction: Transaction, jobs: Sequence[KeptJob], title: str) -> None:
        for kept in jobs:
            if kept.job.request_title != title:
                renamed = kept.stored.with_job(request_title=title)
                self._jobs.change(transaction, kept, renamed)

    def _rename_later(self, jobs: Sequence[KeptJob], title: str) -> None:
        """Bring a title to jobs that the transaction of their request had no room for."""
        for _ in self._table.tries(_CHANGING):
            transaction = Transaction()
            self._rename(transaction, jobs, title)
            if self._table.attempt(transaction, _CHANGING):
                return
            found = self._jobs.find_many([keys.job(kept.job.id) for kept in jobs])
            jobs = list(found.values())

    def list_requests(
        self, partition: Partition = EVERYTHING, page: PageRequest = FIRST_PAGE
    ) -> Page[Request]:
        """See ``Records.list_requests``."""
        check_has_requests(partition)
        name = f"requests:{partition.kind}:{partition_value(partition)}"
        places = listing.requests(self._table, partition, page)
        return self._page_of_requests(page, name, places)

    def search_requests(self, words: str, page: PageRequest = FIRST_PAGE) -> Page[Request]:
        """See ``Records.search_requests``; without words nothing is found."""
        asked = words_asked(words)
        checked_limit(page)
        if not asked:
            return Page(())
        places = word_items.requests(self._table, asked, page)
        return self._page_of_requests(page, word_items.name_of("requests", asked), places, asked)

    def _page_of_requests(
        self,
        page: PageRequest,
        list_name: str,
        places: Places,
        words: frozenset[str] = frozenset(),
    ) -> Page[Request]:
        def load(some: Sequence[str]) -> Mapping[str, Request]:
            found = self._requests.find_many([keys.request_at(place) for place in some])
            named = ((place, keys.request_at(place)) for place in some)
            return {place: found[name] for place, name in named if name in found}

        def belongs(request: Request) -> bool:
            is_found = not words or words <= request_words(request)
            return is_found and in_time(page, request.created_at)

        return read_page(page, list_name, places, load, belongs)

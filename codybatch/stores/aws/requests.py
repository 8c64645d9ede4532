"""Requests in DynamoDB: creating, changing, reading, listing, word_items."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from codybatch.domain.errors import StoreError
from codybatch.domain.identifiers import JobId, Person, RequestId
from codybatch.domain.jobs import Job
from codybatch.domain.requests import Request
from codybatch.ports.lists import EVERYTHING, FIRST_PAGE, Created, Page, PageRequest, Partition
from codybatch.stores import lineages
from codybatch.stores.aws import creation, kept_requests, keys, listing, word_items
from codybatch.stores.aws.expressions import equals
from codybatch.stores.aws.job_items import JobItems
from codybatch.stores.aws.kept_requests import RequestItems
from codybatch.stores.aws.pages import Places, in_time, read_page
from codybatch.stores.aws.table import ConditionsFailed, Table
from codybatch.stores.aws.transaction import Transaction
from codybatch.stores.idempotency import check_same
from codybatch.stores.lists import check_has_requests, partition_value
from codybatch.stores.places import checked_limit
from codybatch.stores.refused import stale_request
from codybatch.stores.stored_job import new_job
from codybatch.stores.words import request_words, words_asked


class RequestRecords:
    """The part of ``Records`` about requests."""

    _table: Table
    _jobs: JobItems
    _requests: RequestItems

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
            if self._create(new, made, idempotency_key):
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
        return kept.job if kept and not kept.job.state.is_terminal else None

    def _create(self, request: Request, jobs: Sequence[Job], key: str) -> bool:
        """Write it all; False where somebody was faster with the key or a lineage."""
        words = word_items.of_request(request, jobs)
        for job in jobs:
            words += word_items.of_job(None, job)
        transaction = creation.creating(request, jobs, key, self._jobs, self._requests)
        self._table.put_many(words)
        try:
            self._table.transact(transaction, "create a request")
        except ConditionsFailed as failed:
            if failed.found.keys() & {creation.KEY, creation.LINEAGE}:
                return False
            raise StoreError(f"The request {request.id}, or a job of it, exists.") from failed
        return True

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
        if after.title != before.title:
            jobs = self._jobs.of_request(after.id)
            for kept in jobs:
                renamed = kept.stored.with_job(request_title=after.title)
                self._jobs.change(transaction, kept, renamed)
            words = word_items.of_request(after, [kept.job for kept in jobs], before)
            self._table.put_many(words)
        try:
            self._table.transact(transaction, "change a request")
        except ConditionsFailed:
            return False
        return True

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

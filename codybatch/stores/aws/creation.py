"""What is written when a request is created: one transaction, or for very many jobs the jobs first
and then the request, without which they are nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import uuid4

from codybatch.domain.errors import StoreError
from codybatch.domain.jobs import Job
from codybatch.domain.money import Budget
from codybatch.domain.requests import Request
from codybatch.domain.states import TERMINAL
from codybatch.ports.lists import Partition, PartitionKind
from codybatch.stores import lineages
from codybatch.stores.aws import kept_requests, keys, listing, word_items
from codybatch.stores.aws.expressions import absent, either, one_of
from codybatch.stores.aws.flags import ENTRY
from codybatch.stores.aws.items import Attributes, Item, Key
from codybatch.stores.aws.job_items import NEW_JOB, JobItems
from codybatch.stores.aws.kept_requests import RequestItems
from codybatch.stores.aws.table import ConditionsFailed, Table
from codybatch.stores.aws.transaction import Transaction
from codybatch.stores.places import place_of_job, place_of_request

KEY = "key"
"""The label of a write that a request under the same idempotency key refuses."""
LINEAGE = "lineage"
"""The label of a write that a job at work in the same lineage refuses."""
_REQUEST = "request"
_DOING = "create a request"
_STAGED_FOR = timedelta(minutes=10)
"""How long jobs that were written before their request keep others out of their lineages."""


def check_jobs(request: Request, jobs: Sequence[Job]) -> None:
    """Refuse jobs that are not of their request: its lists are theirs too.

    Raises:
        StoreError: a job differs from its request, or two are the same.
        LineageBusy: two continue one lineage.
    """
    asked = (request.id, request.prompt, request.requester, request.created_at)
    of_request = (*asked, request.origin.cell)
    for job in jobs:
        of_job = (job.request, job.prompt, job.requester, job.created_at, job.cell)
        if of_job != of_request:
            raise StoreError(f"The job {job.id} is not of the request {request.id} as it stands.")
        if keys.job(job.id) != keys.job_at(place_of_job(job)):
            raise StoreError(f"The job {job.id} is not named by its request and its index.")
    if len({job.id for job in jobs}) < len(jobs):
        raise StoreError(f"The request {request.id} names a job twice.")
    continuing: dict[str, Job] = {}
    for job in jobs:
        if job.lineage.root != job.id:
            lineages.refuse_beside(continuing.get(job.lineage.root))
            continuing[job.lineage.root] = job


def new_request(request: Request, jobs: Sequence[Job]) -> Request:
    """A request as it is created, whatever its writer put into the store's fields."""
    return request.model_copy(
        update={
            "budget": Budget(cap_usd=request.budget.cap_usd),
            "counts": kept_requests.counted(jobs),
            "version": 0,
        }
    )


class Creation:
    """Writes new requests with their jobs."""

    def __init__(
        self,
        table: Table,
        jobs: JobItems,
        requests: RequestItems,
        now: Callable[[], datetime],
    ) -> None:
        """Keep where it writes."""
        self._table = table
        self._jobs = jobs
        self._requests = requests
        self._now = now

    def create(self, request: Request, jobs: Sequence[Job], key: str) -> bool:
        """Write it all; False where somebody was faster with the key or a lineage.

        Args:
            request: as it is stored (``new_request``).
            jobs: its own.
            key: the idempotency key.

        Raises:
            StoreError: there is such a request or job already.
        """
        words = word_items.of_request(request, jobs)
        for job in jobs:
            words += word_items.of_job(None, job)
        self._table.put_many(words)
        whole = self._whole(request, jobs, key)
        try:
            if whole.is_too_long:
                self._create_in_parts(self._whole(request, jobs, key, staged=uuid4().hex))
            else:
                self._table.transact(whole, _DOING)
        except ConditionsFailed as failed:
            if failed.found.keys() & {KEY, LINEAGE}:
                return False
            raise StoreError(f"The request {request.id}, or a job of it, exists.") from failed
        return True

    def _whole(
        self, request: Request, jobs: Sequence[Job], key: str, staged: str | None = None
    ) -> Transaction:
        transaction = Transaction()
        named = {"request": request.id}
        transaction.put(keys.idempotency(request.requester, key), named, absent(), KEY)
        transaction.put(keys.head(request.id), kept_requests.head(request), absent(), _REQUEST)
        transaction.put(*self._requests.written(request))
        for entry in entries(request, jobs):
            transaction.put(entry.key, entry.attributes, label=ENTRY)
        until = int((self._now() + _STAGED_FOR).timestamp()) if staged else 0
        for job in jobs:
            self._jobs.add(transaction, job, staged)
            _continue(transaction, job, until)
        return transaction

    def _create_in_parts(self, whole: Transaction) -> None:
        """Write what is too much for one transaction: first all that means nothing without the
        request's head, which comes last and makes it whole.
        """
        deadline = self._now() + _STAGED_FOR / 2
        jobs, listed, lineages_ = (whole.taken(label) for label in (NEW_JOB, ENTRY, LINEAGE))
        self._table.side_by_side(self._write, jobs.in_parts())
        self._table.put_many(listed.items())
        entered: list[Item] = []
        try:
            for part in lineages_.in_parts():
                self._write(part)
                entered += part.items()
            if self._now() > deadline:
                raise self._table.throttled(_DOING)
            self._write(whole)
        except ConditionsFailed:
            # Where it is not known whether a write went through, what was entered expires.
            self._table.delete_many([item.key for item in entered])
            raise

    def _write(self, part: Transaction) -> None:
        self._table.transact(part, _DOING)


def entries(request: Request, jobs: Sequence[Job]) -> list[Item]:
    """The entries of a request in its lists, with the jobs that it has there."""
    of_repositories: dict[str, list[int]] = defaultdict(list)
    for job in jobs:
        of_repositories[job.repository.full_name].append(job.index)
    everything = [job.index for job in jobs]
    lists = [
        (Partition(), everything),
        (Partition(PartitionKind.PROMPT, request.prompt.name), everything),
        (Partition(PartitionKind.REQUESTER, request.requester), everything),
        *(
            (Partition(PartitionKind.REPOSITORY, name), there)
            for name, there in of_repositories.items()
        ),
    ]
    if request.origin.cell:
        experiment = Partition(PartitionKind.EXPERIMENT, request.origin.cell.experiment)
        lists.append((experiment, everything))
    place = place_of_request(request)
    return [
        Item(Key(listing.name_of(partition), place), {listing.JOBS: listing.spans(there)})
        for partition, there in lists
        if there
    ]


def _continue(transaction: Transaction, job: Job, until: int) -> None:
    """Enter a job in the lineage that it continues, where nobody else is at work; ``until`` is the
    second after which that is void where the job is not there.
    """
    root = job.lineage.root
    if root == job.id:
        return
    has_ended = either(absent(), one_of("state", sorted(TERMINAL)))
    transaction.check(keys.job(root), has_ended, LINEAGE)
    transaction.put(keys.in_lineage(root, place_of_job(job)), label=ENTRY)
    if not job.state.is_terminal:
        busy: Attributes = {"job": job.id, "until": until}
        transaction.put(keys.busy(root), busy, absent(), LINEAGE)

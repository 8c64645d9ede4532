"""What is written when a request is created."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from codybatch.domain.errors import StoreError
from codybatch.domain.jobs import Job
from codybatch.domain.money import Budget
from codybatch.domain.requests import Request
from codybatch.domain.states import TERMINAL
from codybatch.ports.lists import Partition, PartitionKind
from codybatch.stores import lineages
from codybatch.stores.aws import kept_requests, keys, listing
from codybatch.stores.aws.expressions import absent, either, one_of
from codybatch.stores.aws.items import Item, Key
from codybatch.stores.aws.job_items import JobItems
from codybatch.stores.aws.kept_requests import RequestItems
from codybatch.stores.aws.transaction import Transaction
from codybatch.stores.places import place_of_job, place_of_request

KEY = "key"
"""The label of a write that a request under the same idempotency key refuses."""
LINEAGE = "lineage"
"""The label of a write that a job at work in the same lineage refuses."""
_REQUEST = "request"


def check_jobs(request: Request, jobs: Sequence[Job]) -> None:
    """Refuse jobs that are not of their request: its lists are theirs too.

    Raises:
        StoreError: a job differs from its request, or two are the same.
        LineageBusy: two continue one lineage.
    """
    for job in jobs:
        of_job = (job.request, job.prompt, job.requester, job.created_at)
        if of_job != (request.id, request.prompt, request.requester, request.created_at):
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


def creating(
    request: Request, jobs: Sequence[Job], key: str, of_jobs: JobItems, of_requests: RequestItems
) -> Transaction:
    """All that makes a request and its jobs, but for the words that they are found by.

    Args:
        request: as it is stored (``new_request``).
        jobs: its own.
        key: the idempotency key.
        of_jobs: where jobs are kept.
        of_requests: where requests are kept.
    """
    transaction = Transaction()
    named = {"request": request.id}
    transaction.put(keys.idempotency(request.requester, key), named, absent(), KEY)
    transaction.put(keys.head(request.id), kept_requests.head(request), absent(), _REQUEST)
    transaction.put(*of_requests.written(request))
    for entry in entries(request, jobs):
        transaction.put(entry.key, entry.attributes)
    for job in jobs:
        of_jobs.add(transaction, job)
        _continue(transaction, job)
    return transaction


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
    place = place_of_request(request)
    return [
        Item(Key(listing.name_of(partition), place), {listing.JOBS: listing.spans(there)})
        for partition, there in lists
        if there
    ]


def _continue(transaction: Transaction, job: Job) -> None:
    """Enter a job in the lineage that it continues, where nobody else is at work."""
    root = job.lineage.root
    if root == job.id:
        return
    has_ended = either(absent(), one_of("state", sorted(TERMINAL)))
    transaction.check(keys.job(root), has_ended, LINEAGE)
    transaction.put(keys.in_lineage(root, place_of_job(job)))
    if not job.state.is_terminal:
        transaction.put(keys.busy(root), {"job": job.id}, absent(), LINEAGE)

"""What a store does to a job, as pure functions from the stored job to the next one.

Every store loads a job, calls one of these and writes the answer only where the job is still the
one it loaded; so the rules of leases, states and money are the same in all of them.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace
from datetime import UTC, date, datetime

from codybatch.domain.errors import IllegalTransition, JobEnded, LeaseHeld, LeaseLost
from codybatch.domain.events import Event, EventKind
from codybatch.domain.identifiers import Person
from codybatch.domain.jobs import AttemptOwner, Job, Lease, Progress
from codybatch.domain.states import TERMINAL, EndedBecause, JobState, check_transition
from codybatch.stores.accounts import Postings, close
from codybatch.stores.stored_job import StoredJob

Change = tuple[StoredJob, Postings]


def claimed(
    stored: StoredJob, owner: AttemptOwner, now: datetime, expires_at: datetime
) -> StoredJob:
    """The job with a lease for ``owner``; the very same where this attempt holds it already.

    Raises:
        JobEnded: the job is in a terminal state.
        IllegalTransition: it waits.
        LeaseHeld: somebody else works on it.
    """
    job = stored.job
    if job.state.is_terminal:
        raise JobEnded(f"The job {job.id} has already ended ({job.state}).")
    if job.state is JobState.WAITING:
        raise IllegalTransition(f"The job {job.id} waits, and must be put back before it runs.")
    if job.lease is not None and job.state is JobState.RUNNING:
        if job.lease.owner == owner and job.lease.expires_at > now:
            return stored
        _check_may_take_over(job.lease, owner, now)
    fence = stored.fence + 1
    lease = Lease(job=job.id, fence=fence, owner=owner, expires_at=expires_at)
    return replace(stored, fence=fence).with_job(
        state=JobState.RUNNING,
        waiting=None,
        lease=lease,
        attempts=job.attempts + 1,
        started_at=job.started_at or now.astimezone(UTC),
    )


def _check_may_take_over(lease: Lease, owner: AttemptOwner, now: datetime) -> None:
    holder = lease.owner
    same_engine_job = (holder.engine, holder.engine_job) == (owner.engine, owner.engine_job)
    if lease.expires_at > now and not (same_engine_job and owner.attempt > holder.attempt):
        raise LeaseHeld(
            f"The job {lease.job} is being worked on by {holder.engine}'s {holder.engine_job} "
            f"on {holder.host}, until {lease.expires_at:%Y-%m-%d %H:%M:%S} UTC at least."
        )


def check_held(stored: StoredJob | None, lease: Lease) -> StoredJob:
    """The job that ``lease`` still holds.

    Raises:
        LeaseLost: a higher fence was given out, or the job is no longer running.
    """
    if stored is None or stored.job.state is not JobState.RUNNING or stored.fence != lease.fence:
        raise LeaseLost(
            f"The lease on the job {lease.job} with the fence {lease.fence} is no longer the one "
            "that counts, so nothing of what this worker writes does."
        )
    return stored


def renewed(stored: StoredJob, progress: Progress, expires_at: datetime) -> StoredJob:
    """The job with its lease extended and a heartbeat noted."""
    lease = stored.job.lease
    extended = lease and lease.with_(expires_at=expires_at)
    return stored.with_job(lease=extended, progress=progress)


def committed(stored: StoredJob, job: Job) -> StoredJob:
    """The job with the worker's part replaced.

    Raises:
        LeaseLost: ``job`` is another job.
        IllegalTransition: ``job`` is not running.
    """
    _check_write(stored, job, "A commit leaves a job", {JobState.RUNNING})
    return stored.with_workers_part(job)


def released(stored: StoredJob, job: Job) -> Change:
    """The job left unfinished, without lease, with its cost counted and the rest given back.

    Raises:
        LeaseLost: ``job`` is another job.
        IllegalTransition: ``job`` is neither queued nor waiting.
    """
    _check_write(stored, job, "A release leaves a job", {JobState.QUEUED, JobState.WAITING})
    return _let_go(stored, job)


def settled(stored: StoredJob, job: Job) -> Change:
    """The job ended, without lease, with its cost counted and the rest given back.

    Raises:
        LeaseLost: ``job`` is another job.
        IllegalTransition: ``job`` is not in a terminal state.
    """
    _check_write(stored, job, "A settlement ends a job", TERMINAL)
    return _let_go(stored, job)


def _let_go(stored: StoredJob, job: Job) -> Change:
    account, postings = close(stored.account, job.cost_usd, _day_of_work(stored, job))
    waiting = job.waiting if job.state is JobState.WAITING else None
    left = stored.with_workers_part(job).with_account(account)
    return left.with_job(lease=None, waiting=waiting), postings


def _day_of_work(stored: StoredJob, job: Job) -> date:
    waiting_since = job.waiting.since if job.waiting else None
    lease_until = stored.job.lease.expires_at if stored.job.lease else job.created_at
    return (job.ended_at or waiting_since or job.progress.at or lease_until).date()


def cancelled(stored: StoredJob, now: datetime, by: Person) -> Change | None:
    """The job cancelled where nobody works on it, else with the wish noted; None where nothing
    changes because it has ended or the wish was noted before.
    """
    job = stored.job
    if job.state.is_terminal or (job.state is JobState.RUNNING and job.cancel_requested):
        return None
    if job.state is JobState.RUNNING:
        return stored.with_job(cancel_requested=True), ()
    moment = now.astimezone(UTC)
    account, postings = close(stored.account, job.cost_usd, moment.date())
    ended = stored.with_account(account).with_job(
        state=JobState.CANCELLED,
        waiting=None,
        cancel_requested=True,
        ended_at=moment,
        ended_because=EndedBecause.CANCELLED,
        ended_detail=f"Cancelled by {by}.",
    )
    return ended, postings


def cancel_event(now: datetime, by: Person) -> Event:
    """The line of a job's life that says who asked to cancel it."""
    text = f"{by} asked to cancel the job."
    return Event(at=now, kind=EventKind.CANCEL_REQUESTED, text=text)


def put_back(stored: StoredJob) -> StoredJob | None:
    """A waiting job queued again; None where it does not wait."""
    if stored.job.state is not JobState.WAITING:
        return None
    return stored.with_job(state=JobState.QUEUED, waiting=None)


def check_legal(before: StoredJob, after: StoredJob) -> None:
    """Refuse a change of state that the state machine does not have.

    Raises:
        IllegalTransition: there is no such step.
    """
    if before.job.state is not after.job.state:
        check_transition(before.job.state, after.job.state)


def _check_write(stored: StoredJob, job: Job, rule: str, allowed: Set[JobState]) -> None:
    if job.id != stored.job.id:
        raise LeaseLost(f"The lease is on the job {stored.job.id}, not on {job.id}.")
    if job.state not in allowed:
        raise IllegalTransition(f"{rule} {' or '.join(sorted(allowed))}, not {job.state}.")

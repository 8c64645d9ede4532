"""The port of records: everything but the bytes of threads and patches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from codybatch.domain.events import Event, StoredEvent
from codybatch.domain.findings import Verdict
from codybatch.domain.identifiers import JobId, Person, RequestId, SubmissionId
from codybatch.domain.jobs import AttemptOwner, Job, Lease, Progress
from codybatch.domain.money import Budget
from codybatch.domain.prompts import PromptDraft, PromptVersion
from codybatch.domain.requests import JobCounts, Request
from codybatch.domain.submissions import Submission
from codybatch.domain.threads import Step
from codybatch.ports.documents import PersonDocuments
from codybatch.ports.experiments import ExperimentRecords
from codybatch.ports.lists import (
    EVERYTHING,
    FIRST_PAGE,
    Created,
    CredentialTrouble,
    FlagCounts,
    Page,
    PageRequest,
    Partition,
    Reservation,
    Signal,
)
from codybatch.ports.schedules import ScheduleRecords
from codybatch.ports.tallies import Tallies


class Records(PersonDocuments, Tallies, ScheduleRecords, ExperimentRecords, Protocol):
    """Everything but the bytes of threads and patches; parts that stand apart from requests and
    jobs have files of their own.

    All methods may be called from any thread and any process. Every change is one transaction:
    it happens whole or not at all. All raise StoreDamaged, StoreFull and StoreTooNew.
    A store on other machines also raises StoreUnavailable, StoreRefused and StoreNotSetUp.
    Lists are newest first by creation (by id); a cursor stays right while rows are added; a page
    costs the same however many rows there are. Adapters keep ``Request.counts``,
    ``Request.budget``, the counts of ``job_counts`` and ``Job.version`` in step with each change.
    """

    # prompts
    def save_prompt(self, draft: PromptDraft, by: Person, at: datetime) -> PromptVersion:
        """Save ``draft`` as the next version of its name, from 1. Saving the text of the latest
        version again gives that version back. Two writers at once get two versions.
        """
        ...

    def prompt(self, name: str, version: int | None = None) -> PromptVersion:
        """One version, the latest by default.

        Raises:
            UnknownPrompt: there is none.
        """
        ...

    def prompt_versions(self, name: str) -> tuple[PromptVersion, ...]:
        """All versions, newest first.

        Raises:
            UnknownPrompt: there is none.
        """
        ...

    def prompts(
        self, page: PageRequest = FIRST_PAGE, *, archived: bool = False
    ) -> Page[PromptVersion]:
        """The latest version of every prompt that is not archived, or of every one that is, by name
        (``since`` and ``until`` are not used).

        Raises:
            InvalidCursor: the cursor is forged or of the other list.
        """
        ...

    def archive_prompt(self, name: str, *, archived: bool = True) -> bool:
        """Move a name between the two lists of prompts; saving leaves it where it is. False where
        it is there already.

        Raises:
            UnknownPrompt: there is none.
        """
        ...

    def is_prompt_archived(self, name: str) -> bool:
        """Whether a name is archived; False also where there is no such prompt."""
        ...

    # requests and jobs
    def create_request(
        self, request: Request, jobs: Sequence[Job], idempotency_key: str
    ) -> Created:
        """Store a request with its jobs, which are of its cell where it has one, under a key of its
        requester's.

        The same key with the same request (title, prompt version, variables, repositories, options,
        cap, origin) gives back what was stored the first time and stores nothing.

        Raises:
            IdempotencyConflict: the key was used for a different request.
            LineageBusy: a job continues a lineage with a job that has not ended. Of writers at once
                one goes through.
        """
        ...

    def submitted(self, requester: Person, idempotency_key: str) -> Request | None:
        """The request that a person created under a key; None where the key is unused."""
        ...

    def request(self, request: RequestId) -> Request:
        """One request.

        Raises:
            NotFound: there is none.
        """
        ...

    def update_request(self, request: Request) -> Request:
        """Replace what a person may change (budget's cap, released_at, title) where
        ``request.version`` is still the stored one; gives back the new one.

        Raises:
            NotFound: there is none.
            StaleWrite: it was changed since.
        """
        ...

    def list_requests(
        self, partition: Partition = EVERYTHING, page: PageRequest = FIRST_PAGE
    ) -> Page[Request]:
        """Requests of a partition (a repository's: those with a job there).

        Raises:
            InvalidCursor: the cursor is forged or of another list.
        """
        ...

    def search_requests(self, words: str, page: PageRequest = FIRST_PAGE) -> Page[Request]:
        """Requests whose title, prompt name or repositories hold all the words (whole words,
        without regard to case or accents).

        Raises:
            InvalidCursor: the cursor is forged or of another search.
        """
        ...

    def job(self, job: JobId) -> Job:
        """One job, with its lease, cancel flag and reservation.

        Raises:
            NotFound: there is none.
        """
        ...

    def list_jobs(
        self, partition: Partition = EVERYTHING, page: PageRequest = FIRST_PAGE
    ) -> Page[Job]:
        """Jobs of a partition; of one request: in the order of their index instead.

        Raises:
            InvalidCursor: the cursor is forged or of another list.
        """
        ...

    def search_jobs(self, words: str, page: PageRequest = FIRST_PAGE) -> Page[Job]:
        """Jobs whose request title, prompt name, repository, title or summary hold all the words.

        Raises:
            InvalidCursor: the cursor is forged or of another search.
        """
        ...

    def job_counts(self) -> JobCounts:
        """How many jobs there are in each state, kept as counters."""
        ...

    def flag_counts(self) -> FlagCounts:
        """How many jobs have an open pull request, are unjudged, are withheld: kept as counters."""
        ...

    def lineage(self, root: JobId) -> tuple[Job, ...]:
        """The jobs of a lineage, oldest first."""
        ...

    # work
    def claim(self, job: JobId, owner: AttemptOwner, now: datetime, expires_at: datetime) -> Job:
        """Take a job to work on: queued ones; running ones whose lease has expired; running ones of
        the same engine job with a lower attempt. The job is then running, with a new lease whose
        fence is one higher than any before, ``attempts`` one higher, ``started_at`` set once.
        An attempt that claims again what it holds gets the same lease again.

        Raises:
            NotFound: there is no such job.
            LeaseHeld: somebody else works on it.
            JobEnded: it is in a terminal state.
            IllegalTransition: it waits.
        """
        ...

    def renew(self, lease: Lease, progress: Progress, expires_at: datetime) -> Signal:
        """Extend a lease and carry a heartbeat.

        Raises:
            LeaseLost: a higher fence was given out, or the job is no longer running.
        """
        ...

    def commit(
        self, lease: Lease, job: Job, steps: Sequence[Step] = (), events: Sequence[Event] = ()
    ) -> Signal:
        """Replace the worker's part of a running job, and add steps and events, in one transaction.
        ``job.state`` must be running.

        Raises:
            LeaseLost: a higher fence was given out, or the job is no longer running.
            StaleWrite: a step with this conversation and sequence exists.
        """
        ...

    def steps(self, job: JobId) -> tuple[Step, ...]:
        """All committed steps of a job, by conversation and sequence."""
        ...

    def reserve(
        self, lease: Lease, amount: Decimal, spent: Decimal, day: date, daily_cap: Decimal | None
    ) -> Reservation:
        """Set ``amount`` (US dollars) of the request's and the day's budget aside for a job, on top
        of what it holds. First ``spent``, all the job has cost so far, is taken from what it holds
        and counted as spent, on the day it was set aside for. Nothing changes where it is refused,
        but for that. Reservations belong to the job: its next attempt inherits them.

        Raises:
            LeaseLost: a higher fence was given out, or the job is no longer running.
        """
        ...

    def release(self, lease: Lease, job: Job, events: Sequence[Event] = ()) -> None:
        """Leave a job unfinished: ``job.state`` is queued (somebody goes on) or waiting (with its
        reason). The lease ends, and what was reserved and not spent is given back.

        Raises:
            LeaseLost: a higher fence was given out, or the job is no longer running.
        """
        ...

    def settle(self, lease: Lease, job: Job, events: Sequence[Event] = ()) -> None:
        """End a job: ``job.state`` is terminal. Result, usage, cost, counts and state change in one
        transaction; the lease ends, and what was reserved and not spent is given back.

        Raises:
            LeaseLost: a higher fence was given out, or the job has ended: the first settlement
                wins.
        """
        ...

    def request_cancel(self, job: JobId, now: datetime, by: Person) -> Job:
        """Cancel a queued or waiting job at once (its state is then cancelled, with what it cost
        counted as spent), or ask the worker of a running one to stop. Ended jobs stay as they are.

        Raises:
            NotFound: there is no such job.
        """
        ...

    def put_back(self, job: JobId, events: Sequence[Event] = ()) -> bool:
        """Move a waiting job to queued. False where it does not wait (any more)."""
        ...

    def update_job(self, job: Job, events: Sequence[Event] = ()) -> Job:
        """Replace the publication of an ended job where ``job.version`` is still the stored one;
        gives back the new one.

        Raises:
            NotFound: there is none.
            StaleWrite: it was changed since, or has not ended.
        """
        ...

    # events
    def add_events(self, job: JobId, events: Sequence[Event]) -> None:
        """Append events to a job's life, in this order."""
        ...

    def events(self, job: JobId, after: int = 0, limit: int = 500) -> tuple[StoredEvent, ...]:
        """A job's events after a sequence number, oldest first."""
        ...

    def forget_events(self, before: datetime) -> int:
        """Drop events older than this; says how many. Stores with a time to live do it alone."""
        ...

    # submissions
    def add_submission(self, submission: Submission, *, is_noted: bool = False) -> None:
        """Store a submission and note it on its queued jobs, in one transaction.

        Args:
            submission: in the place of what was stored under its id.
            is_noted: whether it was noted on its jobs before, so that only itself is stored.
        """
        ...

    def submission(self, submission: SubmissionId) -> Submission:
        """One submission.

        Raises:
            NotFound: there is none.
        """
        ...

    # money and credentials
    def day_budget(self, day: date) -> Budget:
        """What was spent and is reserved on a UTC day (without a cap: that is a setting)."""
        ...

    def note_credential_trouble(self, trouble: CredentialTrouble) -> None:
        """Note that a service refused a credential, in place of what was noted before."""
        ...

    def credential_trouble(self, credential: str) -> CredentialTrouble | None:
        """What was noted of a credential."""
        ...

    def forget_credential_trouble(self, credential: str) -> None:
        """The credential works again."""
        ...

    # verdicts
    def put_verdict(self, verdict: Verdict) -> None:
        """Store a person's verdict of a job in place of that person's earlier one.

        Raises:
            NotFound: there is no such job.
        """
        ...

    def withdraw_verdict(self, job: JobId, rater: Person) -> bool:
        """Take a person's verdict of a job back; False where there is none."""
        ...

    def verdicts(self, job: JobId) -> tuple[Verdict, ...]:
        """All verdicts of a job, by rater."""
        ...

    def verdicts_of(self, jobs: Sequence[JobId]) -> Mapping[JobId, tuple[Verdict, ...]]:
        """All verdicts of many jobs, each job's by rater; nothing for a job that has none.

        Each job's are of one moment, not all of them together. It asks far fewer times than there
        are jobs, or asks side by side.
        """
        ...

    # care
    def check(self) -> None:
        """Look whether the store is whole and can be written.

        Raises:
            StoreError: what is wrong and how to mend it.
        """
        ...

    def close(self) -> None:
        """Let go of connections and files; nothing may be called after."""
        ...

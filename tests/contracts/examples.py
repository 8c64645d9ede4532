"""Requests, jobs and their like for the contracts: what a test does not name does not matter."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from ulid import ULID

from codybatch.domain.events import Event, EventKind
from codybatch.domain.findings import Decision, Verdict
from codybatch.domain.identifiers import JobId, Person, RequestId, job_id_of
from codybatch.domain.jobs import AttemptOwner, Job, Lease, Lineage, Patch, Waiting
from codybatch.domain.money import Budget
from codybatch.domain.prompts import Kind, PromptRef
from codybatch.domain.repositories import RepositoryRef
from codybatch.domain.requests import Request, RequestOptions
from codybatch.domain.states import EndedBecause, JobState, WaitingReason
from codybatch.domain.threads import BlobRef, Step, StepKind
from codybatch.ports import Created, Records

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TODAY = NOON.date()
TOMORROW = TODAY + timedelta(days=1)
SOON = NOON + timedelta(seconds=60)
ALICE = Person("alice")
BOB = Person("bob")
NO_COMMIT = "0" * 40
LATER = SOON + timedelta(minutes=10)
UNKNOWN_JOB = JobId(f"{'0' * 26}-1")


def usd(text: str) -> Decimal:
    """US dollars."""
    return Decimal(text)


def minutes(number: float) -> timedelta:
    """So many minutes."""
    return timedelta(minutes=number)


def a_request(at: datetime = NOON, repositories: str = "acme/api", **changes: Any) -> Request:
    """A request of some repositories, separated by spaces, made at a time."""
    fields = {
        "id": RequestId(str(ULID.from_datetime(at)).lower()),
        "title": "Update the dependencies",
        "prompt": PromptRef(name="update", version=1),
        "kind": Kind.CHANGE,
        "prompt_text": "Update what is old.",
        "repositories": tuple(map(RepositoryRef.parse, repositories.split())),
        "options": RequestOptions(model="claude-sonnet-5-5"),
        "requester": ALICE,
        "created_at": at,
    }
    return Request(**{**fields, **changes})


def jobs_of(request: Request, **changes: Any) -> list[Job]:
    """A request's jobs, one a repository."""
    return [
        _job(request, index, repository, changes)
        for index, repository in enumerate(request.repositories, 1)
    ]


def _job(request: Request, index: int, repository: RepositoryRef, changes: dict[str, Any]) -> Job:
    job = job_id_of(request.id, index)
    fields = {
        "id": job,
        "request": request.id,
        "index": index,
        "request_title": request.title,
        "prompt": request.prompt,
        "kind": request.kind,
        "model": request.options.model,
        "requester": request.requester,
        "repository": repository,
        "repository_id": f"id-of-{repository.name}",
        "commit": NO_COMMIT,
        "base_branch": "main",
        "owned": True,
        "lineage": Lineage(root=job, root_title=request.title),
        "created_at": request.created_at,
    }
    return Job(**{**fields, **changes})


def a_key() -> str:
    """An idempotency key that nobody used."""
    return f"key-{ULID()}"


def created(records: Records, at: datetime = NOON, **changes: Any) -> Created:
    """Create a request; ``job`` names changes of its jobs."""
    of_jobs = changes.pop("job", {})
    request = a_request(at, **changes)
    return records.create_request(request, jobs_of(request, **of_jobs), a_key())


def queued(records: Records, at: datetime = NOON, **changes: Any) -> Job:
    """Create a request and give its first job."""
    return created(records, at, **changes).jobs[0]


def an_owner(attempt: int = 1, engine_job: str = "e-1", host: str = "here") -> AttemptOwner:
    """An attempt of an engine's job."""
    return AttemptOwner(engine="local", engine_job=engine_job, attempt=attempt, host=host, pid=7)


def claimed(records: Records, job: JobId, **owner: Any) -> Job:
    """Claim a job at noon for a minute."""
    return records.claim(job, an_owner(**owner), NOON, SOON)


def running(records: Records, **changes: Any) -> Job:
    """Create a request and claim its first job."""
    return claimed(records, queued(records, **changes).id)


def lease_of(job: Job) -> Lease:
    """The lease that a running job has."""
    assert job.lease is not None
    return job.lease


def a_step(job: Job, sequence: int, conversation: int = 1) -> Step:
    """A step of a job's thread."""
    return Step(
        job=job.id,
        conversation=conversation,
        sequence=sequence,
        kind=StepKind.REPLY,
        at=NOON,
        fence=lease_of(job).fence,
    )


def an_event(text: str, at: datetime = NOON) -> Event:
    """A line of a job's life."""
    return Event(at=at, kind=EventKind.TURN, text=text)


def succeeded(job: Job, **changes: Any) -> Job:
    """How a worker ends a job that went well."""
    ending = {"state": JobState.SUCCEEDED, "ended_because": EndedBecause.FINISHED, "ended_at": SOON}
    return job.with_(**{**ending, **changes})


def a_patch() -> Patch:
    """A patch whose bytes no test reads."""
    blob = BlobRef(key="patches/1", size=1, sha256="0" * 64)
    return Patch(blob=blob, files=1, additions=1, deletions=0)


def a_verdict(job: Job, rater: Person = ALICE, **changes: Any) -> Verdict:
    """An acceptance at noon."""
    fields = {"job": job.id, "rater": rater, "decision": Decision.ACCEPT, "at": NOON}
    return Verdict.model_validate({**fields, **changes})


def waiting(job: Job, reason: WaitingReason = WaitingReason.THROTTLED, **changes: Any) -> Job:
    """How a worker leaves a job that must wait."""
    why = Waiting(reason=reason, since=NOON)
    return job.with_(state=JobState.WAITING, waiting=why, **changes)


def settled(records: Records, job: Job, **changes: Any) -> Job:
    """End a running job well, and read it again."""
    records.settle(lease_of(job), succeeded(job, **changes))
    return records.job(job.id)


def capped(cap: str | None) -> Budget:
    """A budget with nothing spent."""
    return Budget(cap_usd=None if cap is None else usd(cap))


def reserve(
    records: Records,
    job: Job,
    amount: str,
    spent: str = "0",
    day: date = TODAY,
    daily_cap: str | None = None,
) -> Any:
    """Reserve for a job under its lease."""
    cap = None if daily_cap is None else usd(daily_cap)
    return records.reserve(lease_of(job), usd(amount), usd(spent), day, cap)


def taken_over(records: Records, job: Job) -> Job:
    """Let another attempt of the same engine job take a job over."""
    return records.claim(job.id, an_owner(attempt=2), NOON, LATER)


def ended_in(records: Records, job: Job, state: JobState) -> Job:
    """End a running job in a state, and read it again."""
    records.settle(lease_of(job), succeeded(job, state=state))
    return records.job(job.id)

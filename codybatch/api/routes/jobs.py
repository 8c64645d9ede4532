"""Jobs: list, show, follow, cancel, go on from."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query
from pydantic import Field
from starlette.responses import Response

from codybatch.api.asked import Asked, Flag, Paged
from codybatch.api.call import PageOf, Reading, Submitting
from codybatch.api.forms import FollowUpBody, OtherwiseBody
from codybatch.api.reach import within_reach
from codybatch.api.routes.requests import SUBMITTED, IdempotencyKey, answered
from codybatch.api.routing import problems, router
from codybatch.clients import prices
from codybatch.domain.events import StoredEvent
from codybatch.domain.identifiers import job_id
from codybatch.domain.jobs import LineageRelation
from codybatch.domain.states import JobState
from codybatch.ports import PageRequest
from codybatch.services.explained_cost import explained
from codybatch.services.partitions import chosen
from codybatch.services.wire.jobs import JobInFull, JobShown
from codybatch.services.wire.requests import CostShown, Submitted

routes = router("jobs")

JobPath = Annotated[str, Path(description="The job's id.", max_length=100)]


class JobList(Paged):
    """Which jobs: by one filter or search at a time."""

    state: JobState | None = None
    repository: Annotated[str, Field(max_length=400)] | None = None
    """``owner/name``."""
    prompt: Annotated[str, Field(max_length=100)] | None = None
    request: Annotated[str, Field(max_length=100)] | None = None
    mine: Flag = False
    """Only those of the token's own name."""
    search: Annotated[str, Field(max_length=500)] = ""
    """With all of these words."""


class EventList(Asked):
    """Which events."""

    after: Annotated[int, Field(ge=0, le=2**53)] = 0
    """Only after this number."""


@routes.get("/jobs", response_model=PageOf[JobShown], responses=problems(404))
def list_jobs(call: Reading, wanted: Annotated[JobList, Query()]) -> Response:
    """List jobs, newest first; by one filter or search at a time."""
    app, page = call.app, PageRequest(limit=wanted.limit, cursor=wanted.cursor)
    partition = chosen(
        {
            "state": wanted.state,
            "repository": wanted.repository,
            "prompt": wanted.prompt,
            "request": wanted.request,
            "mine": call.person if wanted.mine else None,
            "search": wanted.search,
        },
        app.settings.code_host_name,
    )
    found = app.jobs.list(partition, page) if partition else app.jobs.search(wanted.search, page)
    return call.page([JobShown.of(job) for job in found.items], found.cursor)


@routes.get("/jobs/{job}", response_model=JobInFull, responses=problems(404))
def show_job(call: Reading, job: JobPath) -> Response:
    """Show a job: all that is recorded of it, who went on from it, and what people think of it."""
    jobs = call.app.jobs
    found = jobs.find(job_id(job))
    return call.answer(JobInFull.with_family(found, jobs.lineage(found), jobs.verdicts(found.id)))


@routes.get("/jobs/{job}/events", response_model=list[StoredEvent], responses=problems(404))
def events(call: Reading, job: JobPath, wanted: Annotated[EventList, Query()]) -> Response:
    """List the lines of a job's life, oldest first, at most 500; they are kept 30 days."""
    jobs = call.app.jobs
    return call.list(jobs.events(jobs.find(job_id(job)).id, wanted.after))


@routes.get("/jobs/{job}/cost", response_model=CostShown, responses=problems(404))
def cost(call: Reading, job: JobPath) -> Response:
    """Explain a job's cost: tokens and dollars of each turn, and what the cache saved."""
    jobs = call.app.jobs
    found = jobs.find(job_id(job))
    price = prices(call.app.settings).price
    return call.answer(CostShown.of(found, explained(found, jobs.steps(found.id), price)))


@routes.post("/jobs/{job}/cancel", response_model=JobShown, responses=problems(404, 409))
def cancel_job(call: Submitting, job: JobPath) -> Response:
    """Cancel a job: at once where it does not run, within seconds where it does."""
    return call.answer(JobShown.of(call.app.jobs.cancel(job_id(job), call.person)))


@routes.post("/jobs/{job}/retry", status_code=201, response_model=Submitted, responses=SUBMITTED)
def retry_job(
    call: Submitting, job: JobPath, otherwise: OtherwiseBody, idempotency_key: IdempotencyKey = None
) -> Response:
    """Run a job that has ended again, from the beginning, in its own branch and pull request."""
    continuations = call.app.continuations
    form = continuations.form(LineageRelation.RETRY, [job_id(job)], call.person)
    continued = continuations.submit(within_reach(call, otherwise.form(form, idempotency_key)))
    return answered(call, continued.created, continued.notices)


@routes.post(
    "/jobs/{job}/follow-up", status_code=201, response_model=Submitted, responses=SUBMITTED
)
def follow_up_job(
    call: Submitting, job: JobPath, follow_up: FollowUpBody, idempotency_key: IdempotencyKey = None
) -> Response:
    """Have something more done after a job, in the same branch and pull request."""
    continuations = call.app.continuations
    form = continuations.form(LineageRelation.FOLLOW_UP, [job_id(job)], call.person)
    continued = continuations.submit(within_reach(call, follow_up.form(form, idempotency_key)))
    return answered(call, continued.created, continued.notices)

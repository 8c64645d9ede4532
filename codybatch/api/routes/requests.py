"""Requests: submit, list, show, release, raise, cancel, go on from, and what they cost."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from fastapi import Header, Path, Query
from pydantic import Field
from starlette.responses import Response

from codybatch.api.asked import Asked, Flag, Paged, strictly
from codybatch.api.call import Administering, Call, PageOf, Reading, Submitting
from codybatch.api.forms import KEY_PATTERN, CapUsd, FollowUpBody, OtherwiseBody, SubmissionBody
from codybatch.api.reach import within_reach
from codybatch.api.routing import WITH_BODY, Responses, problems, router
from codybatch.domain.identifiers import request_id
from codybatch.domain.jobs import LineageRelation
from codybatch.ports import Created, PageRequest
from codybatch.services.option_choices import NO_CAP
from codybatch.services.partitions import chosen
from codybatch.services.proposed import NothingToSubmit
from codybatch.services.spending import By, summed
from codybatch.services.wire.requests import (
    ForecastShown,
    NothingSubmitted,
    RequestCost,
    RequestInFull,
    RequestShown,
    Submitted,
)

routes = router("requests")

RequestPath = Annotated[str, Path(description="The request's id.", max_length=100)]
IdempotencyKey = Annotated[
    str | None,
    Header(
        pattern=KEY_PATTERN,
        description="The same key submits the same request only once. 1 to 200 visible characters.",
    ),
]
REPLAYED = {
    "Idempotency-Replayed": {
        "description": "`true` where the key was used before: this is what it made then.",
        "schema": {"type": "string"},
    }
}
SUBMITTED: Responses = {
    201: {"description": "Submitted.", "model": Submitted},
    200: {
        "description": "Submitted before under this key, or nothing to do: every repository is "
        "left out, as was asked for.",
        "model": Submitted | NothingSubmitted,
        "headers": REPLAYED,
    },
    **problems(*WITH_BODY, 404, 409, 502),
}


class RequestList(Paged):
    """Which requests: by one filter or search at a time."""

    repository: Annotated[str, Field(max_length=400)] | None = None
    """With a job in this one: ``owner/name``."""
    prompt: Annotated[str, Field(max_length=100)] | None = None
    mine: Flag = False
    """Only those of the token's own name."""
    search: Annotated[str, Field(max_length=500)] = ""
    """With all of these words."""


@routes.post("/requests", status_code=201, response_model=Submitted, responses=SUBMITTED)
def submit(
    call: Submitting, submission: SubmissionBody, idempotency_key: IdempotencyKey = None
) -> Response:
    """Submit a request: one prompt over a few repositories, a durable job each.

    What is refused leaves no record.
    """
    requests = call.app.requests
    form = submission.form(call.app, call.person, idempotency_key)
    try:
        created = requests.submit(within_reach(call, form))
    except NothingToSubmit as nothing:
        return call.answer(NothingSubmitted.of(nothing))
    return answered(call, created, requests.hindrances(created))


@routes.get(
    "/requests",
    response_model=PageOf[RequestShown],
)
def list_requests(call: Reading, wanted: Annotated[RequestList, Query()]) -> Response:
    """List requests, newest first; by one filter or search at a time."""
    app, page = call.app, PageRequest(limit=wanted.limit, cursor=wanted.cursor)
    partition = chosen(
        {
            "repository": wanted.repository,
            "prompt": wanted.prompt,
            "mine": call.person if wanted.mine else None,
            "search": wanted.search,
        },
        app.settings.code_host_name,
    )
    requests = app.requests
    found = requests.list(partition, page) if partition else requests.search(wanted.search, page)
    return call.page([RequestShown.of(one) for one in found.items], found.cursor)


@routes.post(
    "/estimate", response_model=ForecastShown, responses=problems(*WITH_BODY, 404, 409, 502)
)
def estimate(call: Submitting, submission: SubmissionBody) -> Response:
    """Say what a request may cost, without submitting it: it takes what submitting takes."""
    form = submission.form(call.app, call.person, None)
    return call.answer(ForecastShown.of(call.app.requests.forecast(form)))


@routes.get("/requests/{request}", response_model=RequestInFull, responses=problems(404))
def show_request(call: Reading, request: RequestPath) -> Response:
    """Show a request with the results of its jobs."""
    return _in_full(call, request)


@routes.post(
    "/requests/{request}/release", response_model=RequestInFull, responses=problems(404, 409)
)
def release(call: Submitting, request: RequestPath) -> Response:
    """Let the held jobs of a rehearsal run, once its first job has been looked at."""
    call.app.requests.release(request_id(request), call.person)
    return _in_full(call, request)


class Raise(Asked):
    """Another cost cap."""

    max_cost_usd: CapUsd | Literal["none"]
    """US dollars for the whole request; ``none`` for no cap."""


RaiseBody = Annotated[Raise, strictly(Raise)]


@routes.post(
    "/requests/{request}/raise",
    response_model=RequestInFull,
    responses=problems(*WITH_BODY, 404, 409),
)
def raise_cap(
    call: Administering, request: RequestPath, cap: Annotated[Raise, strictly(Raise)]
) -> Response:
    """Give a request another cost cap; jobs that wait because of the old one go on."""
    most = None if cap.max_cost_usd == NO_CAP else Decimal(cap.max_cost_usd)
    call.app.requests.raise_budget(request_id(request), most)
    return _in_full(call, request)


@routes.post("/requests/{request}/cancel", response_model=RequestInFull, responses=problems(404))
def cancel_request(call: Submitting, request: RequestPath) -> Response:
    """Cancel all jobs of a request that have not ended; running ones stop within seconds."""
    call.app.requests.cancel(request_id(request), call.person)
    return _in_full(call, request)


@routes.post(
    "/requests/{request}/retry", status_code=201, response_model=Submitted, responses=SUBMITTED
)
def retry_request(
    call: Submitting,
    request: RequestPath,
    otherwise: OtherwiseBody,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Run the jobs of a request that ended without success again, as one new request."""
    continuations = call.app.continuations
    form = continuations.form_of_request(LineageRelation.RETRY, request_id(request), call.person)
    continued = continuations.submit(within_reach(call, otherwise.form(form, idempotency_key)))
    return answered(call, continued.created, continued.notices)


@routes.post(
    "/requests/{request}/follow-up", status_code=201, response_model=Submitted, responses=SUBMITTED
)
def follow_up_request(
    call: Submitting,
    request: RequestPath,
    follow_up: FollowUpBody,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Have something more done after every job of a request that has ended."""
    continuations = call.app.continuations
    relation = LineageRelation.FOLLOW_UP
    form = continuations.form_of_request(relation, request_id(request), call.person)
    continued = continuations.submit(within_reach(call, follow_up.form(form, idempotency_key)))
    return answered(call, continued.created, continued.notices)


@routes.get("/requests/{request}/cost", response_model=RequestCost, responses=problems(404))
def cost_of_request(call: Reading, request: RequestPath) -> Response:
    """Sum up what a request cost, repository by repository, against what was expected."""
    requests = call.app.requests
    found = requests.find(request_id(request))
    parts = summed(requests.jobs_of(found.id), By.REPOSITORY)
    return call.answer(RequestCost.against(found, parts))


def answered(call: Call, created: Created, notices: tuple[str, ...]) -> Response:
    """The answer for a request that is stored now, or was before."""
    shown = Submitted.noticing(created.request, created.jobs, notices)
    if created.replayed:
        return call.answer(shown, 200, {"idempotency-replayed": "true"})
    return call.answer(shown, 201, {"location": f"/v1/requests/{created.request.id}"})


def _in_full(call: Call, request: str) -> Response:
    requests = call.app.requests
    found = requests.find(request_id(request))
    return call.answer(RequestInFull.with_jobs(found, requests.jobs_of(found.id)))

"""After the job: publish its patch, look at its pull request, judge it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from starlette.responses import Response

from codybatch.api.asked import Asked, strictly
from codybatch.api.call import Judging, Publishing, Reading
from codybatch.api.routes.jobs import JobPath
from codybatch.api.routes.requests import RequestPath
from codybatch.api.routing import WITH_BODY, problems, router
from codybatch.composition import publishing, pull_requests, verdicts
from codybatch.domain.findings import MAX_COMMENT, Decision, Verdict
from codybatch.domain.identifiers import job_id, request_id
from codybatch.domain.publication import PublishMode
from codybatch.domain.requests import PullRequestWishes
from codybatch.services.wire.jobs import PublishedShown
from codybatch.services.wire.others import RefreshedList

routes = router("after the job")


class HowToPublish(Asked):
    """How far a patch is published."""

    mode: PublishMode | None = None
    """``branch``, ``draft`` or ``ready``; null as the request asked for, else ``draft``."""
    override: bool = False
    """Although the gate found something or the job did not finish; it is recorded with the name."""
    wishes: PullRequestWishes | None = None
    """Labels and people of a new pull request, in place of what the request said."""


class Judgement(Asked):
    """What somebody thinks of a job's result."""

    decision: Decision
    rating: Annotated[int, Field(ge=1, le=5)] | None = None
    """From 1 (bad) to 5 (good)."""
    reasons: Annotated[tuple[str, ...], Field(max_length=50)] = ()
    """Some of CODYBATCH_VERDICT_REASONS."""
    comment: Annotated[str, Field(max_length=MAX_COMMENT)] = ""


@routes.post(
    "/jobs/{job}/publish",
    response_model=PublishedShown,
    responses=problems(*WITH_BODY, 404, 409, 502),
)
def publish(
    call: Publishing, job: JobPath, how: Annotated[HowToPublish, strictly(HowToPublish)]
) -> Response:
    """Publish the patch of an ended job that was withheld or not asked for.

    `outcome` says what came of it; where it is `withheld`, `publication` says why. What a policy or
    the gate refuses is answered with 403. The repository is cloned within the call: behind API
    Gateway that has half a minute and 512 MiB, so publish to a large one from the workbench or by
    `codybatch jobs publish`.
    """
    done = publishing(call.app).publish(
        job_id(job), call.person, mode=how.mode, override=how.override, wishes=how.wishes
    )
    return call.answer(PublishedShown.after(done.job, done.outcome))


@routes.post("/jobs/{job}/refresh", response_model=RefreshedList, responses=problems(404, 502))
def refresh_job(call: Publishing, job: JobPath) -> Response:
    """Look at a job's pull request: state, checks, whether it can be merged."""
    service = pull_requests(call.app)
    found = service.refresh(service.of_jobs([job_id(job)]))
    return call.answer(RefreshedList.of(found, call.app.clock.now()))


@routes.post(
    "/requests/{request}/refresh", response_model=RefreshedList, responses=problems(404, 502)
)
def refresh_request(call: Publishing, request: RequestPath) -> Response:
    """Look at the pull requests of a request."""
    service = pull_requests(call.app)
    found = service.refresh(service.of_request(request_id(request)))
    return call.answer(RefreshedList.of(found, call.app.clock.now()))


@routes.get("/jobs/{job}/verdicts", response_model=list[Verdict], responses=problems(404))
def list_verdicts(call: Reading, job: JobPath) -> Response:
    """List the verdicts of a job, by rater."""
    return call.list(verdicts(call.app).of(job_id(job)))


@routes.put(
    "/jobs/{job}/verdict",
    response_model=Verdict,
    responses=problems(*WITH_BODY, 404, 409),
)
def rate(
    call: Judging, job: JobPath, judgement: Annotated[Judgement, strictly(Judgement)]
) -> Response:
    """Judge an ended job's result, in place of one's earlier verdict."""
    verdict = verdicts(call.app).rate(
        job_id(job),
        call.person,
        judgement.decision,
        rating=judgement.rating,
        reasons=judgement.reasons,
        comment=judgement.comment,
    )
    return call.answer(verdict)


@routes.delete("/jobs/{job}/verdict", status_code=204, responses=problems(404))
def withdraw(call: Judging, job: JobPath) -> None:
    """Take one's verdict of a job back."""
    verdicts(call.app).withdraw(job_id(job), call.person)

"""``codybatch jobs publish | refresh``: what becomes of a job's patch after the job."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from codybatch.cli import completion
from codybatch.cli.listing import AsJson
from codybatch.cli.output import harmless, hint, print_json, print_table, say
from codybatch.cli.run import FAILED, fail, guarded
from codybatch.domain.errors import CodyBatchError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from codybatch.composition import Application
    from codybatch.domain.identifiers import JobId
    from codybatch.domain.jobs import Job
    from codybatch.domain.publication import PublishMode
    from codybatch.services.publishing import Outcome, Published
    from codybatch.services.pull_requests import PullRequests, Refreshed

COLUMNS = ("JOB", "REPOSITORY", "OUTCOME", "WHERE")
PULL_REQUEST_COLUMNS = (
    *("JOB", "REPOSITORY", "PULL REQUEST", "STATE", "CHECKS", "MERGEABLE", "NEXT"),
)
REFUSED = 3

SeveralJobs = Annotated[list[str], typer.Argument(metavar="JOB_ID...", help="Ids of jobs.")]


@guarded
def publish(
    jobs: SeveralJobs,
    mode: Annotated[
        str | None,
        typer.Option(
            "--as",
            metavar="MODE",
            autocompletion=completion.ways_to_publish,
            help="How far: branch, draft or ready; as the request asked for, else draft.",
        ),
    ] = None,
    override: Annotated[
        bool,
        typer.Option(
            "--override",
            help="Although the gate found something or the job did not finish; it is recorded.",
        ),
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", help="Do not ask whether --override is meant.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Publish the patch of ended jobs that was withheld or not asked for.

    Exit status: 0 published, now or before, or there is nothing to publish; 1 it did not work;
    2 wrong usage; 3 refused or withheld by policy.
    """
    from codybatch.cli.context import opened_to_change
    from codybatch.composition import publishing
    from codybatch.domain.identifiers import job_id

    wanted = _mode(mode)
    with opened_to_change() as app:
        found = [app.jobs.find(job_id(one)) for one in dict.fromkeys(jobs)]
        if override and not yes:
            _confirm(found)
        publish_one = partial(
            publishing(app).publish,
            by=app.person,
            mode=wanted,
            override=override,
            watch=None if as_json else hint,
        )
        done = [_publish(app, job, publish_one) for job in found]
    _show(done, as_json=as_json)
    _leave_with(done)


@dataclass(frozen=True)
class _Done:
    """What came of one job that was to be published."""

    job: Job
    outcome: Outcome | None
    error: CodyBatchError | None = None

    @property
    def status(self) -> int:
        """The exit status that it alone would lead to."""
        from codybatch.services.publishing import Outcome, is_refusal

        if self.error is not None:
            return self.error.exit_status
        if self.outcome is not Outcome.WITHHELD:
            return 0
        return REFUSED if is_refusal(self.job.publication) else FAILED

    @property
    def outcome_in_words(self) -> str:
        """What came of it, for a cell of a table."""
        if self.outcome is not None:
            return self.outcome.value.replace("_", " ")
        return "refused" if self.status == REFUSED else "failed"

    @property
    def sentence(self) -> str:
        """What is wrong, and what to do about it; nothing where all is well."""
        from codybatch.services.wording import publication, withheld_next_step

        if self.error is not None:
            return self.error.message
        if not self.status:
            return ""
        return f"{publication(self.job)} {withheld_next_step(self.job)}".strip()


def _mode(written: str | None) -> PublishMode | None:
    from codybatch.domain.publication import PublishMode

    if written is None:
        return None
    if written not in set(PublishMode) - {PublishMode.NONE}:
        raise UsageError(f"--as takes branch, draft or ready; not {written!r}.")
    return PublishMode(written)


def _publish(app: Application, job: Job, publish_one: Callable[[JobId], Published]) -> _Done:
    """Publish one job; what is wrong with it is no hindrance for the next."""
    try:
        published = publish_one(job.id)
    except CodyBatchError as error:
        return _Done(app.jobs.find(job.id), None, error)
    return _Done(published.job, published.outcome)


def _confirm(jobs: Sequence[Job]) -> None:
    """Let a person at a terminal confirm by name what the gate or the job's end speaks against.

    Raises:
        UsageError: nobody is there to answer.
        CodyBatchError: it was not confirmed.
    """
    from codybatch.services.publishing import why_not

    if not sys.stdin.isatty():
        raise UsageError(
            "--override publishes what was held back for a person to look at; where nobody can "
            "confirm it, add --yes."
        )
    for job in jobs:
        against = why_not(job)
        for line in against:
            hint(f"  {line}")
        if against and _answer(job) != job.repository.full_name:
            raise CodyBatchError("Not confirmed, so nothing was published.")


def _answer(job: Job) -> str:
    asked = f"Type {job.repository.full_name} to publish {job.id} all the same: "
    print(harmless(asked), end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip()


def _show(done: Sequence[_Done], *, as_json: bool) -> None:
    if as_json:
        print_json([_as_json(one) for one in done])
        return
    from codybatch.services.wording import publication_in_short

    rows = [
        (
            one.job.id,
            one.job.repository.full_name,
            one.outcome_in_words,
            publication_in_short(one.job) or one.job.publication.detail,
        )
        for one in done
    ]
    print_table(COLUMNS, rows)


def _as_json(one: _Done) -> dict[str, Any]:
    from codybatch.services.wire.jobs import PublishedShown, Refusal

    error = Refusal(code=one.error.code, message=one.error.message) if one.error else None
    outcome = one.outcome.value if one.outcome else None
    return PublishedShown.after(one.job, outcome, error).as_json()


def _leave_with(done: Sequence[_Done]) -> None:
    """Say what went wrong, job by job, and leave with one status for all."""
    wrong = [one for one in done if one.status]
    if not wrong:
        return
    for one in wrong[:-1]:
        hint(f"{one.job.repository.full_name}: {one.sentence}")
    last = wrong[-1]
    name = f"{last.job.repository.full_name}: " if len(done) > 1 else ""
    statuses = {one.status for one in wrong}
    fail(f"{name}{last.sentence}", statuses.pop() if len(statuses) == 1 else FAILED)


@guarded
def refresh(
    jobs: Annotated[
        list[str] | None, typer.Argument(metavar="[JOB_ID...]", help="Ids of jobs.")
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="All whose pull request was open when last looked at.")
    ] = False,
    request: Annotated[
        str | None, typer.Option(metavar="REQUEST_ID", help="Those of this request.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Look at the pull requests of jobs: state, checks, whether they can be merged.

    A hundred are asked for in one call; what changed is noted in the jobs.
    """
    from codybatch.cli.context import opened_to_change
    from codybatch.composition import pull_requests

    if sum((bool(jobs), every, request is not None)) != 1:
        raise UsageError("Name jobs, or a request with --request, or give --all; one of the three.")
    with opened_to_change() as app:
        service = pull_requests(app)
        found = service.refresh(_chosen(service, jobs or (), request))
        now = app.clock.now()
    if as_json:
        from codybatch.services.wire.others import RefreshedList

        print_json(RefreshedList.of(found, now).as_json())
    else:
        _show_refreshed(found, now)


def _chosen(service: PullRequests, jobs: Sequence[str], request: str | None) -> tuple[Job, ...]:
    from codybatch.domain.identifiers import job_id, request_id

    if jobs:
        return service.of_jobs([job_id(one) for one in jobs])
    return service.open_ones() if request is None else service.of_request(request_id(request))


def _show_refreshed(found: Sequence[Refreshed], now: datetime) -> None:
    if not found:
        say("No pull request is open, as far as is known.")
        return
    print_table(PULL_REQUEST_COLUMNS, [_row(one) for one in found])
    changed = sum(one.changed for one in found)
    hint(f"As of {now:%Y-%m-%d %H:%M:%S} UTC; {changed or 'none'} changed.")


def _row(one: Refreshed) -> tuple[str, ...]:
    from codybatch.services.pull_requests import what_to_do

    pull = one.pull_request
    return (
        one.job.id,
        one.job.repository.full_name,
        pull.url if pull else "",
        _state(one),
        (pull.checks or "") if pull else "",
        {True: "yes", False: "no", None: ""}[pull.mergeable] if pull else "",
        what_to_do(one),
    )


def _state(one: Refreshed) -> str:
    if one.pull_request is None:
        return ""
    if not one.is_there:
        return "gone"
    is_draft = one.pull_request.draft and one.pull_request.state == "open"
    return "draft" if is_draft else one.pull_request.state

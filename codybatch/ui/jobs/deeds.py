"""The acts on a job that take longer than a click, as errands; each by a service's promise can be
asked for again without doing it twice.
"""

from __future__ import annotations

from collections.abc import Callable

from codybatch.composition import Application, publishing, pull_requests
from codybatch.domain.identifiers import JobId
from codybatch.domain.jobs import Job, LineageRelation
from codybatch.domain.publication import PublishMode
from codybatch.domain.requests import PullRequestWishes
from codybatch.services.publishing import Outcome, Published
from codybatch.services.pull_requests import Refreshed, what_to_do
from codybatch.services.wording import publication, withheld_next_step
from codybatch.ui.errands import Act, Told
from codybatch.ui.for_pages import for_pages

Tell = Callable[[str], None]


def publish(
    app: Application,
    job: JobId,
    mode: PublishMode,
    wishes: PullRequestWishes,
    *,
    override: bool,
) -> Act:
    """Publish a job's patch."""

    def act(tell: Tell) -> Told:
        done = publishing(app).publish(
            job, app.person, mode=mode, override=override, wishes=wishes, watch=tell
        )
        return _published(done)

    return act


def refresh(app: Application, job: Job) -> Act:
    """Look at a job's pull request again."""

    def act(tell: Tell) -> Told:
        tell("Asks the code host.")
        (seen,) = pull_requests(app).refresh([job])
        return _refreshed(seen)

    return act


def retry(app: Application, job: JobId, *, same_commit: bool) -> Act:
    """Run a job again."""

    def act(tell: Tell) -> Told:
        tell("Looks at the repository.")
        form = app.continuations.form(LineageRelation.RETRY, [job], app.person)
        made = app.continuations.submit(form.with_(same_commit=same_commit))
        return _continued("The retry is on its way.", made.created.jobs[0].id, made.notices)

    return act


def follow_up(app: Application, job: JobId, instructions: str) -> Act:
    """Have something more done after a job."""

    def act(tell: Tell) -> Told:
        tell("Looks at the repository.")
        form = app.continuations.form(LineageRelation.FOLLOW_UP, [job], app.person)
        made = app.continuations.submit(form.with_(instructions=instructions))
        return _continued("The follow-up is on its way.", made.created.jobs[0].id, made.notices)

    return act


def _published(done: Published) -> Told:
    said = publication(done.job)
    if done.outcome is Outcome.WITHHELD:
        next_step = for_pages(withheld_next_step(done.job))
        return Told(f"{said} {next_step}".strip(), is_bad=True)
    if done.outcome is Outcome.NOTHING:
        return Told(f"There is nothing to publish. {said}".strip())
    return Told(said)


def _refreshed(seen: Refreshed) -> Told:
    what = "It has changed." if seen.changed else "Nothing has changed."
    return Told(f"{what} {for_pages(what_to_do(seen))}")


def _continued(said: str, job: JobId, notices: tuple[str, ...]) -> Told:
    return Told(" ".join((said, *notices)), job=job)

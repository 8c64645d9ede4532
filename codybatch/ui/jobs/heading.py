"""The head of a job's page: which job, how it stands, what to do next, and where it belongs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from urllib.parse import urlsplit

from codybatch.domain.jobs import Job, LineageRelation
from codybatch.domain.publication import PublicationKind, PullRequest
from codybatch.services.pull_requests import Refreshed, what_to_do
from codybatch.services.wording import (
    detail,
    money,
    next_step,
    publication,
    sentence,
    withheld_next_step,
)
from codybatch.ui.for_pages import for_pages
from codybatch.ui.plain_text import Clean, shown, shown_on_one_line
from codybatch.ui.words import STATE_BADGES, Badge, ago, duration, outcome

_RELATIONS = {LineageRelation.RETRY: "Retry", LineageRelation.FOLLOW_UP: "Follow-up"}
_CHECKS: dict[str | None, Badge] = {
    "success": Badge("Checks passed", ":material/check_circle:", "green"),
    "failure": Badge("Checks failed", ":material/error:", "red"),
    "pending": Badge("Checks run", ":material/progress_activity:", "blue"),
}
_PULL_STATES: dict[str, Badge] = {
    "open": Badge("Open", ":material/merge:", "green"),
    "merged": Badge("Merged", ":material/check_circle:", "blue"),
    "closed": Badge("Closed", ":material/block:", "gray"),
}
_UNKNOWN = Badge("Unknown state", ":material/help:", "gray")
_DRAFT = Badge("Draft", ":material/edit_note:", "gray")
_CONFLICT = Badge("Conflicts with its base", ":material/warning:", "orange")
_MERGEABLE = Badge("Can be merged", ":material/check:", "green")


@dataclass(frozen=True)
class PullRequestLine:
    """A pull request as it was last seen."""

    name: str
    url: str | None
    """None where it leads nowhere."""
    badges: tuple[Badge, ...]
    next_step: str
    seen: str


@dataclass(frozen=True)
class Relative:
    """A job of the same lineage."""

    id: str
    label: str
    badge: Badge
    is_this: bool


@dataclass(frozen=True)
class JobHeading:
    """The head in words. What others wrote is clean, and must still be shown as plain text."""

    id: str
    owner: str
    name: str
    badge: Badge
    doing: str
    next_step: str
    detail: str
    request: str
    request_id: str
    prompt: str
    prompt_name: str
    prompt_version: int
    about: str
    commit: str
    asked: str
    """Of a follow-up: what it was asked to do."""
    facts: tuple[tuple[str, str], ...]
    publication: str
    publication_next: str
    pull_request: PullRequestLine | None
    family: tuple[Relative, ...]
    """The whole lineage, oldest first; empty where the job stands alone."""


def job_heading(
    job: Job,
    lineage: Sequence[Job],
    clean: Clean,
    now: datetime,
    zone: tzinfo = UTC,
    *,
    standins_have_ended: bool = False,
) -> JobHeading:
    """The head of a job's page.

    Args:
        job: which.
        lineage: all jobs of it, oldest first.
        clean: takes secrets out.
        now: what time it is.
        zone: of the person who looks.
        standins_have_ended: whether the code host was a stand-in: its addresses lead nowhere.
    """
    return JobHeading(
        id=job.id,
        owner=job.repository.owner,
        name=job.repository.name,
        badge=STATE_BADGES[job.state],
        doing=shown_on_one_line(_doing(job, now), clean),
        next_step=for_pages(next_step(job)),
        detail=shown(detail(job), clean),
        request=shown_on_one_line(job.request_title, clean, longest=120),
        request_id=job.request,
        prompt=shown_on_one_line(f"{job.prompt.name} v{job.prompt.version}", clean),
        prompt_name=job.prompt.name,
        prompt_version=job.prompt.version,
        about=shown_on_one_line(_about(job, now, zone), clean),
        commit=job.commit,
        asked=shown(job.lineage.instructions, clean),
        facts=_facts(job),
        publication=shown(_publication(job, standins_have_ended), clean),
        publication_next=for_pages(withheld_next_step(job)),
        pull_request=_pull_request(job, now, zone, standins_have_ended=standins_have_ended),
        family=_family(job, lineage),
    )


def safe_address(url: str | None) -> str | None:
    """An address that a link may lead to; the code host's word alone does not make it one."""
    return url if url and urlsplit(url).scheme in {"http", "https"} else None


def _doing(job: Job, now: datetime) -> str:
    if job.cancel_requested and not job.state.is_terminal:
        return f"Is being cancelled. {sentence(job, now)}"
    return sentence(job, now)


def _about(job: Job, now: datetime, zone: tzinfo) -> str:
    ended, made = job.ended_at, job.created_at
    when = f"ended {ago(ended, now, zone)}" if ended else f"made {ago(made, now, zone)}"
    return f"by {job.requester} · {when} · {job.model} · on {job.base_branch}"


def _facts(job: Job) -> tuple[tuple[str, str], ...]:
    uncertain = job.uncertain_cost_usd
    cost = max(job.cost_usd, job.progress.cost_usd)
    usage = job.usage
    cached = f"{usage.cache_read_tokens / usage.prompt_tokens:.0%}" if usage.prompt_tokens else ""
    found = (
        ("Result", outcome(job)),
        ("Files", str(job.patch.files) if job.patch else ""),
        ("Cost", money(cost)),
        ("For lost replies", money(uncertain) if uncertain else ""),
        ("Time at work", duration(job.seconds_worked)),
        ("Turns", str(job.progress.turn)),
        ("Attempts", str(job.attempts)),
        ("Read from cache", cached),
        ("Confidence", job.confidence.value if job.confidence else ""),
    )
    return tuple((name, value) for name, value in found if value)


def _publication(job: Job, standins_have_ended: bool) -> str:
    """What became of the patch, but for what the line of its pull request says."""
    made = job.publication
    passed = f"{made.overridden_by} let it pass." if made.overridden_by else ""
    said = " ".join(filter(None, (made.detail, passed))) if _is_proposed(job) else publication(job)
    ended = (
        " The demonstration's stand-in for GitHub does not run now, so nothing is there to open: "
        "`codybatch up --demo` starts it again."
    )
    return said + (ended if standins_have_ended and made.url else "")


def _is_proposed(job: Job) -> bool:
    return job.publication.kind is PublicationKind.PULL_REQUEST and bool(
        job.publication.pull_request
    )


def _pull_request(
    job: Job, now: datetime, zone: tzinfo, *, standins_have_ended: bool
) -> PullRequestLine | None:
    pull = job.publication.pull_request
    if pull is None:
        return None
    return PullRequestLine(
        name=f"Pull request #{pull.number}",
        url=None if standins_have_ended else safe_address(pull.url),
        badges=_badges(pull),
        next_step=for_pages(what_to_do(Refreshed(job, pull))),
        seen=f"as of {ago(pull.refreshed_at, now, zone)}",
    )


def _badges(pull: PullRequest) -> tuple[Badge, ...]:
    state = _PULL_STATES.get(pull.state, _UNKNOWN)
    if pull.state != "open":
        return (state,)
    checks = _CHECKS.get(pull.checks)
    mergeable = {True: _MERGEABLE, False: _CONFLICT, None: None}[pull.mergeable]
    found = (_DRAFT if pull.draft else state, checks, mergeable)
    return tuple(one for one in found if one is not None)


def _family(job: Job, lineage: Sequence[Job]) -> tuple[Relative, ...]:
    if len(lineage) < 2:
        return ()
    return tuple(
        Relative(
            id=one.id,
            label=_RELATIONS[one.lineage.relation] if one.lineage.relation else "First job",
            badge=STATE_BADGES[one.state],
            is_this=one.id == job.id,
        )
        for one in lineage
    )

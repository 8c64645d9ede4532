"""Everything that a request's page shows, read in one go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from decimal import Decimal

from codybatch.composition import Application
from codybatch.domain.findings import Decision, Verdict
from codybatch.domain.identifiers import RequestId, request_id
from codybatch.domain.jobs import Job
from codybatch.domain.money import NOTHING, Usage
from codybatch.domain.publication import PublicationKind
from codybatch.domain.requests import Origin, OriginKind, Request
from codybatch.services.wording import counted, money, sentence
from codybatch.ui.errands import Errand, Errands
from codybatch.ui.pace import BUSY_SECONDS, refresh_seconds
from codybatch.ui.plain_text import Clean, shown, shown_on_one_line
from codybatch.ui.requests.acts import RequestActs, acts_of, is_active, needs_person
from codybatch.ui.requests.standing import badge_of, explanation, standing
from codybatch.ui.words import STATE_BADGES, Badge, Moment, ago, moment_of, outcome, signed, tokens

ROWS = 50
"""Jobs of one page; a request has five at most unless a setting says otherwise."""


@dataclass(frozen=True)
class SideBySide:
    """One job beside the others: everything in words; ``doing`` may be of the model."""

    id: str
    badge: Badge
    owner: str
    name: str
    doing: str
    outcome: str
    verdict: str
    cost: str
    when: Moment
    is_active: bool
    needs_person: bool


@dataclass(frozen=True)
class Relation:
    """The request that this one goes on from."""

    label: str
    request: RequestId


@dataclass(frozen=True)
class RequestView:
    """A request's page at one moment; what others wrote is clean and must be shown as text."""

    request: Request
    jobs: tuple[Job, ...]
    badge: Badge
    title: str
    about: str
    standing: str
    explanation: str
    facts: tuple[tuple[str, str], ...]
    prompt_text: str
    options: tuple[tuple[str, str], ...]
    origin: Relation | None
    skipped: tuple[str, ...]
    rows: tuple[SideBySide, ...]
    acts: RequestActs
    errand: Errand | None

    @property
    def refresh_seconds(self) -> float | None:
        """When to look again."""
        if self.errand is not None and self.errand.is_active:
            return BUSY_SECONDS
        return refresh_seconds(job.state for job in self.jobs)


def request_view(
    app: Application, errands: Errands, written_id: str, zone: tzinfo = UTC
) -> RequestView:
    """A request's page as it stands at this moment.

    Args:
        app: where it comes from.
        errands: what is being done.
        written_id: the request's id as the address has it.
        zone: of the person who looks.

    Raises:
        UnknownIdentifier: ``written_id`` is no request's id.
        NotFound: there is no such request.
    """
    request = app.requests.find(request_id(written_id))
    jobs, now, clean = app.requests.jobs_of(request.id), app.clock.now(), app.net.clean
    return RequestView(
        request=request,
        jobs=jobs,
        badge=badge_of(request.counts),
        title=shown_on_one_line(request.title, clean, longest=200),
        about=shown_on_one_line(_about(request, now, zone), clean, longest=400),
        standing=standing(request.counts),
        explanation=explanation(request.counts),
        facts=_facts(request, jobs),
        prompt_text=shown(request.prompt_text, clean),
        options=_options(request, clean),
        origin=_relation(request.origin),
        skipped=tuple(
            shown_on_one_line(f"{one.repository.full_name}: {one.url} is open", clean)
            for one in request.skipped
        ),
        rows=tuple(_row(job, app.jobs.verdicts(job.id), clean, now, zone) for job in jobs),
        acts=acts_of(request, jobs),
        errand=errands.of(request.id),
    )


def _about(request: Request, now: datetime, zone: tzinfo) -> str:
    prompt = f"{request.kind} prompt {request.prompt.name} v{request.prompt.version}"
    when = ago(request.created_at, now, zone)
    return f"by {request.requester} · {when} · {prompt} · {request.options.model}"


def _facts(request: Request, jobs: Sequence[Job]) -> tuple[tuple[str, str], ...]:
    budget, expected = request.budget, request.estimate
    spent = max(budget.spent_usd, sum((_cost(job) for job in jobs), start=NOTHING))
    cap = f" of {money(budget.cap_usd)}" if budget.cap_usd is not None else ""
    usage = sum((job.usage for job in jobs), start=Usage())
    pulls = sum(job.publication.kind is PublicationKind.PULL_REQUEST for job in jobs)
    known = [job.were_changes_necessary for job in jobs if job.were_changes_necessary is not None]
    found = (
        ("Spent", f"{money(spent)}{cap}"),
        (
            "Expected",
            f"{money(expected.low_usd)} to {money(expected.high_usd)}" if expected else "",
        ),
        ("Tokens", _tokens(usage)),
        ("Change", _change(jobs)),
        ("Changes needed", f"{sum(known)} of {len(known)}" if known else ""),
        ("Findings", str(sum(len(job.findings) for job in jobs) or "")),
        ("Pull requests", str(pulls or "")),
    )
    return tuple((name, value) for name, value in found if value)


def _tokens(usage: Usage) -> str:
    if not usage.prompt_tokens:
        return ""
    every = tokens(usage.prompt_tokens + usage.output_tokens)
    return f"{every}, {usage.cache_read_tokens / usage.prompt_tokens:.0%} cached"


def _cost(job: Job) -> Decimal:
    return max(job.cost_usd, job.progress.cost_usd)


def _change(jobs: Sequence[Job]) -> str:
    patches = [job.patch for job in jobs if job.patch is not None]
    if not patches:
        return ""
    added, gone = sum(one.additions for one in patches), sum(one.deletions for one in patches)
    return f"{signed(added)} {signed(-gone)} in {counted(sum(p.files for p in patches), 'file')}"


def _options(request: Request, clean: Clean) -> tuple[tuple[str, str], ...]:
    options = request.options
    cap = options.job_cost_cap_usd
    written = (
        ("Model", options.model),
        ("Effort", options.effort or ""),
        ("Cap of each job", money(cap) if cap is not None else "none"),
        ("Turns at most", str(options.max_turns)),
        ("Minutes at most", str(options.max_minutes)),
        ("Publish", options.publish),
        ("Rehearsal", "yes" if options.rehearse else ""),
        ("Guidance files", "followed" if options.follow_guidance_files else ""),
        ("Labels", ", ".join(options.labels)),
        ("Reviewers", ", ".join(options.reviewers)),
        ("Assignees", ", ".join(options.assignees)),
        *((f"{{{{{name}}}}}", value) for name, value in request.variables.items()),
    )
    return tuple((name, shown_on_one_line(value, clean)) for name, value in written if value)


_ORIGINS = {OriginKind.RETRY: "Retry of", OriginKind.FOLLOW_UP: "Follow-up on"}


def _relation(origin: Origin) -> Relation | None:
    if origin.request is None or origin.kind not in _ORIGINS:
        return None
    return Relation(f"{_ORIGINS[origin.kind]} an earlier request", origin.request)


def _row(
    job: Job, verdicts: Sequence[Verdict], clean: Clean, now: datetime, zone: tzinfo
) -> SideBySide:
    return SideBySide(
        id=job.id,
        badge=STATE_BADGES[job.state],
        owner=job.repository.owner,
        name=job.repository.name,
        doing=shown_on_one_line(job.title or sentence(job, now), clean),
        outcome=outcome(job),
        verdict=verdict_in_short(job, verdicts),
        cost=money(_cost(job)),
        when=moment_of(job.ended_at or job.created_at, now, zone),
        is_active=is_active(job),
        needs_person=needs_person(job, verdicts),
    )


def verdict_in_short(job: Job, verdicts: Sequence[Verdict]) -> str:
    """What people think of a job, in a word or two."""
    accepted = sum(verdict.decision is Decision.ACCEPT for verdict in verdicts)
    rejected = len(verdicts) - accepted
    if not verdicts:
        return "to judge" if job.has_result else ""
    if accepted and rejected:
        return f"{accepted} for, {rejected} against"
    word = "accepted" if accepted else "rejected"
    return word if len(verdicts) == 1 else f"{len(verdicts)} {word}"

"""How jobs read on a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from codybatch.domain.jobs import Job
from codybatch.domain.money import CENT
from codybatch.domain.publication import WITHHELD_SENTENCES, PublicationKind
from codybatch.domain.states import ENDINGS, WAITING_TEXTS, JobState

_HUNDREDTH_OF_A_CENT = Decimal("0.0001")
JOB_COLUMNS = ("JOB", "REPOSITORY", "STATE", "NEEDED", "CHANGE", "COST", "RESULT")


def job_row(job: Job) -> tuple[str, ...]:
    """A job as a row of ``JOB_COLUMNS``."""
    return (
        job.id,
        job.repository.full_name,
        job.state.value,
        needed(job),
        change(job),
        money(job.cost_usd),
        job.publication.url or job.title or what_now(job),
    )


def money(amount: Decimal) -> str:
    """Dollars and cents: ``$0.84``, ``< $0.01`` or ``$0``."""
    if amount == 0:
        return "$0"
    return "< $0.01" if amount < CENT else f"${amount.quantize(CENT):,}"


def exact_money(amount: Decimal) -> str:
    """Dollars to a hundredth of a cent, for where a job's cost is explained."""
    return f"${amount.quantize(_HUNDREDTH_OF_A_CENT):,}"


def needed(job: Job) -> str:
    """Whether changes were necessary: yes, no, or nothing while nobody knows."""
    return {True: "yes", False: "no", None: ""}[job.were_changes_necessary]


def change(job: Job) -> str:
    """Lines added and removed."""
    return f"+{job.patch.additions} -{job.patch.deletions}" if job.patch else ""


def what_now(job: Job) -> str:
    """What the job does, why it waits or how it ended, in one sentence."""
    if job.waiting is not None:
        return f"{WAITING_TEXTS[job.waiting.reason].sentence} {job.waiting.detail}".strip()
    if job.ended_because is not None:
        return f"{ENDINGS[job.ended_because].sentence} {job.ended_detail}".strip()
    return "" if job.state is JobState.QUEUED else live(job)


def live(job: Job) -> str:
    """What a running job does right now: phase, turn and last tool."""
    turn = f"turn {job.progress.turn}" if job.progress.turn else ""
    parts = (job.phase.value if job.phase else "starting", turn, job.progress.last_tool or "")
    return " · ".join(part for part in parts if part)


def next_step(job: Job) -> str:
    """What a person can do now."""
    if job.waiting is not None:
        return WAITING_TEXTS[job.waiting.reason].next_step
    return ENDINGS[job.ended_because].next_step if job.ended_because else ""


def publication(job: Job) -> str:
    """What became of the patch."""
    made = job.publication
    if made.kind is PublicationKind.WITHHELD:
        return " ".join([*(WITHHELD_SENTENCES[r] for r in made.reasons), made.detail]).strip()
    if made.kind is PublicationKind.BRANCH_PUSHED:
        return f"branch {made.branch}"
    if made.pull_request is not None:
        draft = "draft, " if made.pull_request.draft else ""
        return f"{made.pull_request.url} ({draft}{made.pull_request.state})"
    return made.detail or "none"


def facts(job: Job) -> dict[str, str]:
    """A job's result as names and values."""
    return {
        "Job": job.id,
        "Repository": f"{job.repository.full_name} at {job.commit[:12]}",
        "Request": job.request_title,
        "State": f"{job.state.value}. {what_now(job)}",
        "Next": next_step(job),
        "Needed": needed(job),
        "Title": job.title,
        "Summary": job.summary,
        "Verified": job.verification,
        "Mismatch": job.claim_mismatch,
        "Change": f"{change(job)} in {job.patch.files} file(s)" if job.patch else "",
        "Secret": "The patch removes a secret, and so holds it." if _holds_secret(job) else "",
        "Gate": "\n".join(f"{f.rule.value}: {f.path}: {f.message}" for f in job.gate),
        "Published": publication(job),
        "Cost": cost(job),
        "Turns": str(job.progress.turn),
    }


def _holds_secret(job: Job) -> bool:
    return job.patch is not None and job.patch.redacts_secret


def cost(job: Job) -> str:
    """What the job cost, and of what that is made."""
    usage = job.usage
    uncertain = (
        f", of it {money(job.uncertain_cost_usd)} for replies lost on the way"
        if job.uncertain_cost_usd
        else ""
    )
    return (
        f"{exact_money(job.cost_usd)} by {job.price_table or 'no price table'}{uncertain} "
        f"({usage.input_tokens:,} tokens fresh, "
        f"{usage.cache_write_5m_tokens + usage.cache_write_1h_tokens:,} to the cache, "
        f"{usage.cache_read_tokens:,} from the cache, {usage.output_tokens:,} written)"
    )


def outcome(jobs: Sequence[Job]) -> str:
    """How many jobs ended how."""
    counted = {state: sum(job.state is state for job in jobs) for state in JobState}
    return ", ".join(f"{count} {state.value}" for state, count in counted.items() if count)

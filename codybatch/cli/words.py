"""How jobs read on a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal

from codybatch.cli.context import looks_at_demo
from codybatch.domain.jobs import Job
from codybatch.domain.money import Usage
from codybatch.domain.publication import PublicationKind
from codybatch.domain.states import JobState
from codybatch.services.findings import counts_in_words
from codybatch.services.wording import (
    detail,
    exact_money,
    lines_changed,
    money,
    next_step,
    publication,
    publication_in_short,
    sentence,
    withheld_next_step,
)

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
        _published_in_short(job) or job.title or what_now(job),
    )


def _published_in_short(job: Job) -> str:
    made = job.publication.pull_request
    if made is None or not looks_at_demo():
        return publication_in_short(job)
    return f"{'draft ' if made.draft else ''}pull request #{made.number}"


def _address(job: Job) -> str:
    address = job.publication.url or ""
    return f"{address} (ended with the demonstration)" if address and looks_at_demo() else address


def _as_of(job: Job) -> str:
    """When the code host was asked last for what became of it."""
    pull = job.publication.pull_request
    return f"(as of {pull.refreshed_at:%Y-%m-%d %H:%M} UTC)" if pull else ""


def needed(job: Job) -> str:
    """Whether changes were necessary: yes, no, or nothing while nobody knows."""
    return {True: "yes", False: "no", None: ""}[job.were_changes_necessary]


def change(job: Job) -> str:
    """Lines added and removed."""
    return lines_changed(job.patch) if job.patch else ""


def what_now(job: Job) -> str:
    """What the job does, why it waits or how it ended, and what exactly was wrong."""
    return f"{sentence(job, datetime.now(UTC))} {detail(job)}".strip()


def facts(job: Job) -> dict[str, str]:
    """A job's result as names and values."""
    return {
        "Job": job.id,
        "Repository": f"{job.repository.full_name} at {job.commit[:12]}",
        "Request": job.request_title,
        "State": f"{job.state.value}. {what_now(job)}",
        "Next": f"{next_step(job)} {withheld_next_step(job)}".strip(),
        "Needed": needed(job),
        "Title": job.title,
        "Summary": job.summary,
        "Verified": job.verification,
        "Mismatch": job.claim_mismatch,
        "Findings": counts_in_words(job.findings) if job.findings else "",
        "Change": f"{change(job)} in {job.patch.files} file(s)" if job.patch else "",
        "Secret": "The patch removes a secret, and so holds it." if _holds_secret(job) else "",
        "Gate": "\n".join(f"{f.rule.value}: {f.path}: {f.message}" for f in job.gate),
        _published_or_not(job): f"{publication(job)} {_address(job)} {_as_of(job)}".strip(),
        "Cost": cost(job),
        "Turns": str(job.progress.turn),
        "Log": job.log or "",
    }


def _published_or_not(job: Job) -> str:
    return "Withheld" if job.publication.kind is PublicationKind.WITHHELD else "Published"


def _holds_secret(job: Job) -> bool:
    return job.patch is not None and job.patch.redacts_secret


def cost(job: Job) -> str:
    """What the job cost, and of what that is made."""
    return cost_in_words(job.cost_usd, job.uncertain_cost_usd, job.price_table, job.usage)


def cost_in_words(total: Decimal, uncertain: Decimal, price_table: str, usage: Usage) -> str:
    """What was spent (US dollars), by which prices, and on how many tokens."""
    lost = f", of it {money(uncertain)} for replies lost on the way" if uncertain else ""
    return (
        f"{exact_money(total)} by {price_table or 'no price table'}{lost} "
        f"({usage.input_tokens:,} tokens fresh, "
        f"{usage.cache_write_5m_tokens + usage.cache_write_1h_tokens:,} to the cache, "
        f"{usage.cache_read_tokens:,} from the cache, {usage.output_tokens:,} written)"
    )


def outcome(jobs: Sequence[Job]) -> str:
    """How many jobs ended how."""
    counted = {state: sum(job.state is state for job in jobs) for state in JobState}
    return ", ".join(f"{count} {state.value}" for state, count in counted.items() if count)

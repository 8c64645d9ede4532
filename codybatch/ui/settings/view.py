"""What the page of settings shows, in words: limits, access, and the doctor's report."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from zoneinfo import available_timezones

from codybatch.services.doctor import Finding, Health
from codybatch.services.wording import counted, money
from codybatch.settings import Settings
from codybatch.ui.plain_text import Clean, shown_on_one_line
from codybatch.ui.words import Badge

BROWSERS = ""
"""In place of a time zone: the browser's."""
HEALTH_BADGES: dict[Health, Badge] = {
    Health.OK: Badge("Fine", ":material/check_circle:", "green"),
    Health.WARNING: Badge("Look", ":material/warning:", "orange"),
    Health.FAILED: Badge("Broken", ":material/error:", "red"),
}
_WORST_FIRST = (Health.FAILED, Health.WARNING, Health.OK)


@dataclass(frozen=True)
class Limit:
    """One setting of the environment: what it limits, its value, and its variable."""

    name: str
    value: str
    variable: str


@dataclass(frozen=True)
class Check:
    """One finding of the doctor's."""

    badge: Badge
    name: str
    detail: str
    mend: str


@dataclass(frozen=True)
class Report:
    """All findings, the worst first."""

    summary: str
    checks: tuple[Check, ...]


def limits(settings: Settings) -> tuple[Limit, ...]:
    """Which caps and limits hold for everybody; each is set where the workbench is started."""
    return (
        Limit(
            "Repositories of a request",
            f"{settings.max_repositories_per_request:,}",
            "CODYBATCH_MAX_REPOSITORIES_PER_REQUEST",
        ),
        Limit("Jobs at once", f"{settings.max_parallel_jobs:,}", "CODYBATCH_MAX_PARALLEL_JOBS"),
        Limit("Cost of a job", _cap(settings.job_cost_cap_usd), "CODYBATCH_JOB_COST_CAP_USD"),
        Limit(
            "Cost of a request",
            _cap(settings.request_cost_cap_usd),
            "CODYBATCH_REQUEST_COST_CAP_USD",
        ),
        Limit("Cost of a day", _cap(settings.daily_cost_cap_usd), "CODYBATCH_DAILY_COST_CAP_USD"),
        Limit("Turns of a job", f"{settings.max_turns:,}", "CODYBATCH_MAX_TURNS"),
        Limit("Minutes of a job", f"{settings.max_minutes:,}", "CODYBATCH_MAX_MINUTES"),
        Limit(
            "Size of a repository",
            f"{settings.max_repository_mb:,} MiB, {settings.max_repository_files:,} files",
            "CODYBATCH_MAX_REPOSITORY_MB, …_FILES",
        ),
    )


def kept_where(settings: Settings) -> str:
    """Where everything is kept, as a sentence."""
    if not settings.uses_aws:
        return f"Everything is kept in {settings.home}."
    return (
        f"Records are kept in the DynamoDB table {settings.table}, conversations and patches in "
        f"the S3 bucket {settings.bucket}."
    )


def _cap(amount: Decimal | None) -> str:
    return "no cap" if amount is None else money(amount)


def zones() -> list[str]:
    """The browser's, then every time zone by name."""
    return [BROWSERS, *sorted(available_timezones())]


def report(found: Sequence[Finding], clean: Clean) -> Report:
    """The doctor's findings in words.

    Args:
        found: as they were made.
        clean: takes secrets out.
    """
    ordered = sorted(found, key=lambda one: _WORST_FIRST.index(one.health))
    return Report(_summary(found), tuple(_check(one, clean) for one in ordered))


def _summary(found: Iterable[Finding]) -> str:
    healths = [one.health for one in found]
    broken, odd = healths.count(Health.FAILED), healths.count(Health.WARNING)
    if broken:
        return f"{counted(broken, 'thing')} must be mended before jobs can run."
    if odd:
        return f"Jobs can run; {counted(odd, 'thing')} may not be as you expect."
    return "All is well."


def _check(one: Finding, clean: Clean) -> Check:
    return Check(
        badge=HEALTH_BADGES[one.health],
        name=one.check.capitalize(),
        detail=shown_on_one_line(one.detail, clean, longest=600),
        mend=shown_on_one_line(one.mend, clean, longest=600),
    )

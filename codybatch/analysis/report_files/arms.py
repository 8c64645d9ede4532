"""What became of each arm's jobs, and what each came to."""

from __future__ import annotations

from collections.abc import Iterator

from codybatch.analysis.display.sheet import Html, joined, tag
from codybatch.analysis.plots.units import dollars, duration
from codybatch.analysis.report.arms import ArmSummary
from codybatch.analysis.report.contents import AgainstBaseline, Report
from codybatch.analysis.report_files.page import Section, badge, fold, paragraphs, table
from codybatch.analysis.report_files.words import (
    CONCLUSIONS,
    METRICS,
    NOTHING,
    difference_of,
    interval_of,
    p_of,
    percent,
    said,
)
from codybatch.analysis.statistics.answers import CannotBeSaid
from codybatch.analysis.statistics.comparison import Comparison
from codybatch.analysis.statistics.conclusion import Conclusion
from codybatch.analysis.statistics.effect import Effect
from codybatch.analysis.statistics.sentences import of_cost_ratio
from codybatch.services.wording import counted

HEALTH = ("Arm", "Planned", "Accepted", "Rejected", "Failed", "Not judged", "Running", "Missing")
METRIC_COLUMNS = (
    *("Arm", "Accepted", "95 % interval", "All of the repetitions", "Rating"),
    *("Cost a job", "Cost an accepted result", "Work a job", "Lines a patch", "Tokens"),
)
COMPARED = ("Metric", "Difference", "Interval", "p", "Better, equal, worse", "Conclusion")
_TONES = {Conclusion.B_BETTER: "good", Conclusion.A_BETTER: "bad"}


def health_section(report: Report) -> Section:
    """Which jobs say something, and why others do not."""
    counts = table("Jobs of each arm", HEALTH, map(health_row, report.arms), range(1, 8))
    failures = list(failure_rows(report))
    causes = table(
        "Jobs that ended without anything to judge", ("Cause", "Arm", "Jobs", "What it means"),
        failures, (2,),
    )  # fmt: skip
    disputed = sum(one.health.disputed for one in report.arms)
    notes = []
    if disputed:
        notes.append(
            f"On {counted(disputed, 'job')} raters were tied; a tie counts as not accepted."
        )
    if not failures:
        notes.append("No job ended without anything to judge.")
    body = joined(counts, paragraphs(notes, "quiet"), *([causes] if failures else ()))
    return Section("health", "Jobs and failures", body)


def health_row(arm: ArmSummary) -> tuple[str, ...]:
    """What became of an arm's jobs."""
    health = arm.health
    counts = (
        *(health.planned, health.accepted, health.rejected, health.failed),
        *(health.unjudged, health.running, health.missing),
    )
    return (arm.arm, *(f"{one:,}" for one in counts))


def failure_rows(report: Report) -> Iterator[tuple[str, ...]]:
    """Why jobs failed, arm by arm."""
    for arm in report.arms:
        for failure in arm.health.failures:
            cause = failure.cause.value.replace("_", " ")
            yield cause, arm.arm, f"{len(failure.jobs):,}", failure.sentence


def metrics_section(report: Report) -> Section:
    """What each arm came to, and each against the baseline."""
    arms = table(
        "What each arm came to", METRIC_COLUMNS, map(metric_row, report.arms), range(1, 10)
    )
    against = (_against(one, report.setup.baseline) for one in report.against_baseline)
    equal = paragraphs(one.sentence for one in report.equal_arms)
    return Section("metrics", "Numbers", joined(arms, _unsaid(report), *against, equal))


def metric_row(arm: ArmSummary) -> tuple[str, ...]:
    """What an arm came to."""
    acceptance, ratings, cost = said(arm.acceptance), said(arm.ratings), said(arm.cost)
    accepted, seconds, lines = said(arm.cost_per_accepted), said(arm.seconds), said(arm.lines)
    all_of_them = said(arm.passes[-1].all_of_them) if arm.passes else None
    tokens = arm.tokens.input + arm.tokens.cached + arm.tokens.output
    return (
        arm.arm,
        percent(acceptance.value) if acceptance else NOTHING,
        interval_of(acceptance.interval) if acceptance else NOTHING,
        percent(all_of_them.value) if all_of_them else NOTHING,
        f"{ratings.mean:.2f}" if ratings else NOTHING,
        dollars(cost.mean) if cost else NOTHING,
        dollars(accepted.value) if accepted else NOTHING,
        duration(seconds.mean) if seconds else NOTHING,
        f"{lines.mean:,.0f}" if lines else NOTHING,
        f"{tokens:,}",
    )


def _unsaid(report: Report) -> Html:
    """Why there is no number, where there is none."""
    reasons: dict[str, None] = {}
    for arm in report.arms:
        told = (arm.acceptance, arm.ratings, arm.cost, arm.cost_per_accepted, arm.seconds)
        for one in told:
            if isinstance(one, CannotBeSaid):
                reasons.setdefault(f"{arm.arm}: {one.reason}")
        bounds = said(arm.acceptance)
        if bounds and isinstance(bounds.interval, CannotBeSaid):
            reasons.setdefault(f"{arm.arm}: {bounds.interval.reason}")
    if not reasons:
        return joined()
    return fold(f"Why some numbers are not given ({len(reasons)})", paragraphs(reasons))


def _against(one: AgainstBaseline, baseline: str) -> Html:
    caption = f"{one.arm} against {baseline}"
    rows = [comparison_row(each) for each in one.comparisons]
    sentences = [each.sentence for each in one.comparisons]
    unsaid = isinstance(one.cost_ratio, CannotBeSaid)
    ratio = [] if unsaid else [of_cost_ratio(one.cost_ratio, (baseline, one.arm))]
    return joined(
        tag("h3", caption),
        table("Difference to the baseline, by each metric", COMPARED, rows, range(1, 5)),
        fold("The same in words", paragraphs([*sentences, *ratio])),
    )


def comparison_row(one: Comparison) -> tuple[str, ...]:
    """A comparison by one metric."""
    told = CONCLUSIONS[one.conclusion]
    conclusion = badge(told, _TONES.get(one.conclusion, ""))
    metric = METRICS[one.metric]
    if not isinstance(one.effect, Effect):
        return (metric, NOTHING, NOTHING, NOTHING, NOTHING, conclusion)
    effect, sides = one.effect, one.effect.sides
    worse, better = sides.losses, sides.wins
    if one.metric.less_is_better:
        worse, better = better, worse
    return (
        metric,
        difference_of(effect.value, one.metric),
        interval_of(effect.interval, one.metric),
        p_of(effect.p),
        f"{better}, {sides.ties}, {worse}",
        conclusion,
    )

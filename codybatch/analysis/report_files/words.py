"""How a report writes numbers, moments and answers that cannot be given."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

from codybatch.analysis.plots.units import dollars, duration
from codybatch.analysis.report.cells import Cell
from codybatch.analysis.report.contents import Report
from codybatch.analysis.statistics.answers import CannotBeSaid, Interval, PValue
from codybatch.analysis.statistics.conclusion import Conclusion
from codybatch.analysis.statistics.sentences import signed
from codybatch.analysis.statistics.trials import Outcome
from codybatch.domain.experiments import Metric

T = TypeVar("T")

NOTHING = "\N{EN DASH}"
"""Where there is no number; why stands in the note of the table."""
GLYPHS: dict[Outcome, str] = {
    Outcome.ACCEPTED: "\N{CHECK MARK}",
    Outcome.REJECTED: "\N{MULTIPLICATION X}",
    Outcome.ERROR: "!",
    Outcome.UNJUDGED: "?",
    Outcome.MISSING: "\N{MIDDLE DOT}",
}
OUTCOMES: dict[Outcome, str] = {
    Outcome.ACCEPTED: "accepted",
    Outcome.REJECTED: "rejected",
    Outcome.ERROR: "ended without anything to judge",
    Outcome.UNJUDGED: "not judged",
    Outcome.MISSING: "no result",
}
TIED = ("\N{PLUS-MINUS SIGN}", "raters are tied")
"""The sign and the words of a repetition that as many raters accept as reject."""
METRICS: dict[Metric, str] = {
    Metric.ACCEPTED: "how often it is accepted",
    Metric.RATING: "how high it is rated",
    Metric.CORRECT: "how often it sees rightly whether changes are necessary",
    Metric.COST: "what a job costs",
    Metric.DURATION: "how long a job works",
}
CONCLUSIONS: dict[Conclusion, str] = {
    Conclusion.B_BETTER: "better",
    Conclusion.A_BETTER: "worse",
    Conclusion.NO_DIFFERENCE_SHOWN: "no difference shown",
    Conclusion.NOT_YET: "not yet",
    Conclusion.CANNOT_BE_SAID: "cannot be said",
}


def sign_of(cell: Cell) -> str:
    """What a repetition came to, as a sign."""
    return TIED[0] if cell.is_disputed else GLYPHS[cell.outcome]


def outcome_of(cell: Cell) -> str:
    """The same in words."""
    return TIED[1] if cell.is_disputed else OUTCOMES[cell.outcome]


def signs_explained() -> tuple[tuple[str, str], ...]:
    """All signs with their words."""
    return (*((sign, OUTCOMES[outcome]) for outcome, sign in GLYPHS.items()), TIED)


def percent(share: float) -> str:
    """``44 %``."""
    return f"{100 * share:.0f} %"


def interval_of(interval: Interval | CannotBeSaid, metric: Metric | None = None) -> str:
    """Its bounds; of a share in percent, of what else a metric measures in its unit."""
    if isinstance(interval, CannotBeSaid):
        return NOTHING
    low, high = interval.low, interval.high
    if metric is None:
        return f"{100 * low:.0f} to {100 * high:.0f} %"
    return f"{difference_of(low, metric)} to {difference_of(high, metric)}"


def difference_of(value: float, metric: Metric) -> str:
    """A difference with its sign and unit, or a ratio."""
    if metric.less_is_better:
        return f"\N{MULTIPLICATION SIGN} {value:.2f}"
    digits, scale = (2, 1.0) if metric is Metric.RATING else (0, 100.0)
    number = signed(scale * value, digits)
    plus = "+" if number.strip("0.,") and not number.startswith("\N{MINUS SIGN}") else ""
    return f"{plus}{number}"


def value_of(value: float | None, metric: Metric) -> str:
    """What an arm came to on a repository."""
    if value is None:
        return NOTHING
    if metric is Metric.COST:
        return dollars(value)
    if metric is Metric.DURATION:
        return duration(value)
    return f"{value:.2g}" if metric is Metric.RATING else percent(value)


def p_of(p: PValue | CannotBeSaid) -> str:
    """A p-value."""
    if isinstance(p, CannotBeSaid):
        return NOTHING
    return "< 0.001" if p.value < 0.001 else f"{p.value:.3f}"


def said(answer: T | CannotBeSaid) -> T | None:
    """The answer, or None where there is none."""
    return None if isinstance(answer, CannotBeSaid) else answer


def moment(at: datetime | None) -> str:
    """A moment in UTC."""
    return f"{at:%Y-%m-%d %H:%M} UTC" if at else NOTHING


def newest(report: Report) -> datetime | None:
    """The moment of the newest thing in a report: of a result or a verdict."""
    verdicts = (one.at for cell in report.cells() for one in cell.verdicts)
    results = (one for one in (report.setup.last_result_at,) if one is not None)
    return max((*verdicts, *results), default=None)

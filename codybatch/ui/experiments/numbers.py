"""Numbers of the statistics as a page writes them."""

from __future__ import annotations

from codybatch.analysis.statistics.answers import CannotBeSaid, Interval
from codybatch.analysis.statistics.comparison import Comparison
from codybatch.analysis.statistics.conclusion import Conclusion
from codybatch.analysis.statistics.sentences import signed
from codybatch.analysis.statistics.wilson import Share
from codybatch.domain.experiments import Metric
from codybatch.ui.words import Badge, duration

UNKNOWN = "\N{EN DASH}"
"""Stands where nothing can be said; why stands beside it or in the cautions."""


def percent(share: Share | CannotBeSaid) -> str:
    """``44 % (26 to 64)``."""
    if isinstance(share, CannotBeSaid):
        return UNKNOWN
    if isinstance(share.interval, CannotBeSaid):
        return f"{100 * share.value:.0f} %"
    low, high = 100 * share.interval.low, 100 * share.interval.high
    return f"{100 * share.value:.0f} % ({low:.0f} to {high:.0f})"


def value_of(value: float | None, metric: Metric) -> str:
    """A mean by a metric: a share, a rating, US dollars or a length of time."""
    if value is None:
        return UNKNOWN
    if metric in {Metric.ACCEPTED, Metric.CORRECT}:
        return f"{100 * value:.0f} %"
    if metric is Metric.RATING:
        return f"{value:.1f}"
    return dollars(value) if metric is Metric.COST else duration(value)


def dollars(amount: float) -> str:
    """US dollars, of which small ones are not written as nothing."""
    return "< $0.01" if 0 < amount < 0.005 else f"${amount:,.2f}"


def effect_of(one: Comparison) -> str:
    """``+18 points (+4 to +31)``, ``0.82 times (0.70 to 0.96)``."""
    effect = one.effect
    if isinstance(effect, CannotBeSaid):
        return UNKNOWN
    bounds = effect.interval
    told = [effect.value]
    if isinstance(bounds, Interval):
        told += [bounds.low, bounds.high]
    if one.metric.less_is_better:
        written, unit = [f"{number:.2f}" for number in told], " times"
    elif one.metric is Metric.RATING:
        written, unit = [_plus(number, 1) for number in told], ""
    else:
        written, unit = [_plus(100 * number, 0) for number in told], " points"
    between = f" ({written[1]} to {written[2]})" if len(written) > 1 else ""
    return f"{written[0]}{unit}{between}"


def _plus(number: float, digits: int) -> str:
    written = signed(number, digits)
    return written if number <= 0 or not written.strip("0.") else f"+{written}"


_CONCLUDED: dict[Conclusion, Badge] = {
    Conclusion.B_BETTER: Badge("Better", ":material/trending_up:", "green"),
    Conclusion.A_BETTER: Badge("Worse", ":material/trending_down:", "red"),
    Conclusion.NO_DIFFERENCE_SHOWN: Badge("No difference shown", ":material/drag_handle:", "gray"),
    Conclusion.NOT_YET: Badge("Not yet", ":material/hourglass_empty:", "blue"),
    Conclusion.CANNOT_BE_SAID: Badge("Cannot be said", ":material/help:", "yellow"),
}


def concluded(one: Comparison) -> Badge:
    """What is concluded of an arm beside the baseline."""
    return _CONCLUDED[one.conclusion]

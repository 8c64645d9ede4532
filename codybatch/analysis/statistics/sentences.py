"""Every answer in plain words, with its interval, and without more digits than it is sure of."""

from __future__ import annotations

from collections.abc import Sequence

from codybatch.analysis.statistics.answers import CannotBeSaid, Interval, PValue
from codybatch.analysis.statistics.conclusion import Conclusion
from codybatch.analysis.statistics.cost_per_accepted import CostPerAccepted, CostRatio
from codybatch.analysis.statistics.effect import Effect
from codybatch.analysis.statistics.kappa import Kappa
from codybatch.analysis.statistics.krippendorff import Alpha
from codybatch.analysis.statistics.passes import Passes
from codybatch.analysis.statistics.plan import Role
from codybatch.analysis.statistics.power import POWER, RepositoriesNeeded
from codybatch.analysis.statistics.wilson import Share
from codybatch.domain.experiments import Metric

MINUS = "\N{MINUS SIGN}"
_MOST_DIGITS = 4

_ROLES = {
    Role.PRIMARY: "",
    Role.SECONDARY: " This metric describes; it was not chosen to decide.",
    Role.CHOSEN_LATE: " This metric was chosen after results were there: it decides nothing.",
}
_MORE_LESS = {
    Metric.ACCEPTED: ("was accepted {} more often than", "was accepted {} less often than"),
    Metric.CORRECT: ("was right {} more often than", "was right {} less often than"),
    Metric.RATING: ("was rated {} higher than", "was rated {} lower than"),
    Metric.COST: ("cost {} times as much as", "cost {} times as much as"),
    Metric.DURATION: ("took {} times as long as", "took {} times as long as"),
}
_SAME = {
    Metric.ACCEPTED: "was accepted as often as",
    Metric.CORRECT: "was right as often as",
    Metric.RATING: "was rated as high as",
}


def of_effect(
    effect: Effect | CannotBeSaid,
    metric: Metric,
    role: Role,
    names: tuple[str, str],
    conclusion: Conclusion,
    unfinished: int = 0,
) -> str:
    """What a comparison came to.

    Args:
        effect: of B against A.
        metric: that it was measured by.
        role: of the metric.
        names: A's and B's.
        conclusion: from the effect.
        unfinished: jobs whose result or verdict is still to come.
    """
    if isinstance(effect, CannotBeSaid):
        return f"It cannot be said how {names[1]} compares with {names[0]}: {_clause(effect)}"
    seen = _seen(effect, metric, names)
    if conclusion is Conclusion.NOT_YET:
        jobs = "1 job is" if unfinished == 1 else f"{unfinished} jobs are"
        return f"So far {seen}; {jobs} not finished or not judged, so nothing is concluded yet."
    if conclusion is Conclusion.CANNOT_BE_SAID:
        return f"Nothing can be concluded: {seen}."
    begin = "No difference shown: " if conclusion is Conclusion.NO_DIFFERENCE_SHOWN else ""
    p = f" ({_p(effect.p)})" if isinstance(effect.p, PValue) else ""
    return f"{begin}{seen}{p}.{_ROLES[role]}"


def of_share(share: Share | CannotBeSaid, name: str) -> str:
    """How often a prompt is accepted."""
    if isinstance(share, CannotBeSaid):
        return f"It cannot be said how often {name} is accepted: {_clause(share)}"
    return f"{name} was accepted {_percent(share)}."


def of_passes(passes: Passes, name: str) -> str:
    """Whether one, and whether all, of some attempts are accepted."""
    said = []
    chances = (passes.any_of_them, "at least one is"), (passes.all_of_them, "all are")
    for one, what in chances:
        if isinstance(one, CannotBeSaid):
            return f"It cannot be said of {passes.attempts} attempts of {name}: {_clause(one)}"
        said.append(f"{what} accepted {_percent(one)}")
    left_out = f" {len(passes.left_out)} repositories have fewer." if passes.left_out else ""
    return f"Of {passes.attempts} attempts of {name}, {said[0]}; {said[1]}.{left_out}"


def of_cost(cost: CostPerAccepted | CannotBeSaid, name: str) -> str:
    """What an accepted result costs."""
    if isinstance(cost, CannotBeSaid):
        return f"It cannot be said what an accepted result of {name} costs: {_clause(cost)}"
    bounds = cost.interval
    told = (
        ", the interval cannot be said"
        if isinstance(bounds, CannotBeSaid)
        else (f", {_level(bounds)} interval ${bounds.low:,.2f} to ${bounds.high:,.2f}")
    )
    return f"An accepted result of {name} costs ${cost.value:,.2f}{told}."


def of_cost_ratio(ratio: CostRatio | CannotBeSaid, names: tuple[str, str]) -> str:
    """What an accepted result of B costs beside one of A."""
    if isinstance(ratio, CannotBeSaid):
        return f"It cannot be said what accepted results cost: {_clause(ratio)}"
    numbers, bounds = _numbers(ratio.value, ratio.interval, 2)
    return f"An accepted result of {names[1]} costs {numbers} times one of {names[0]}{bounds}."


def of_kappa(kappa: Kappa | CannotBeSaid) -> str:
    """How far two raters agree."""
    if isinstance(kappa, CannotBeSaid):
        return f"It cannot be said how far the raters agree: {_clause(kappa)}"
    number, bounds = _numbers(kappa.value, kappa.interval, 2)
    return (
        f"Cohen's kappa is {number}{bounds}, over {kappa.rated:,} that both judged: 1 is perfect "
        "agreement, 0 what chance gives."
    )


def of_alpha(alpha: Alpha | CannotBeSaid) -> str:
    """How far all raters agree."""
    if isinstance(alpha, CannotBeSaid):
        return f"It cannot be said how far the raters agree: {_clause(alpha)}"
    little = "; below 0.67 little can be built on it" if alpha.value < 2 / 3 else ""
    return (
        f"Krippendorff's alpha is {signed(alpha.value, 2)} over {alpha.units:,} judged more than "
        f"once: 1 is perfect agreement, 0 what chance gives{little}."
    )


def of_needed(needed: RepositoriesNeeded | CannotBeSaid, power: float = POWER) -> str:
    """How many repositories a difference needs."""
    if isinstance(needed, CannotBeSaid):
        return f"It cannot be said how many repositories are needed: {_clause(needed)}"
    many = "1 repetition" if needed.repetitions == 1 else f"{needed.repetitions} repetitions"
    return (
        f"To show a difference of {points(needed.difference, 0)} with a chance of {power:.0%} "
        f"takes {needed.repositories:,} repositories with {many} of each."
    )


def of_detectable(difference: float | CannotBeSaid, repositories: int, power: float = POWER) -> str:
    """What difference so many repositories can show."""
    if isinstance(difference, CannotBeSaid):
        return f"It cannot be said what difference could be shown: {_clause(difference)}"
    if difference >= 1:
        return f"{repositories} repositories are too few to show any difference reliably."
    return (
        f"With {repositories} repositories a difference of {points(difference, 0)} is shown with a "
        f"chance of {power:.0%}; a smaller one may be there unseen."
    )


def points(share: float, digits: int) -> str:
    """A difference of shares in percentage points: ``18 points``."""
    number = signed(100 * share, digits)
    return f"{number} point" if number in {"1", f"{MINUS}1"} else f"{number} points"


def signed(number: float, digits: int) -> str:
    """A number with a real minus sign, and none before a zero."""
    written = f"{abs(number):,.{digits}f}"
    is_zero = not written.strip("0.,")
    return f"{MINUS}{written}" if number < 0 and not is_zero else written


def _seen(effect: Effect, metric: Metric, names: tuple[str, str]) -> str:
    """What was seen, with the interval in the sense of B minus A, or of B over A."""
    if metric.less_is_better:
        number, bounds = _numbers(effect.value, effect.interval, 2)
        words = _MORE_LESS[metric][0].format(number)
        return f"{names[1]} {words} {names[0]}{bounds}"
    scale, digits = (1.0, 1) if metric is Metric.RATING else (100.0, 0)
    digits = _digits([scale * one for one in _all(effect)], digits)
    bounds = _bounds(effect.interval, digits, scale)
    size = signed(abs(scale * effect.value), digits)
    if not effect.value:
        return f"{names[1]} {_SAME[metric]} {names[0]}{bounds}"
    amount = size if metric is Metric.RATING else points(abs(effect.value), digits)
    words = _MORE_LESS[metric][effect.value < 0].format(amount)
    return f"{names[1]} {words} {names[0]}{bounds}"


def _all(effect: Effect) -> list[float]:
    bounds = effect.interval
    return [effect.value, *((bounds.low, bounds.high) if isinstance(bounds, Interval) else ())]


def _numbers(value: float, interval: Interval | CannotBeSaid, digits: int) -> tuple[str, str]:
    bounds = [interval.low, interval.high] if isinstance(interval, Interval) else []
    digits = _digits([value, *bounds], digits)
    return signed(value, digits), _bounds(interval, digits)


def _bounds(interval: Interval | CannotBeSaid, digits: int, scale: float = 1.0) -> str:
    if isinstance(interval, CannotBeSaid):
        return ", the interval cannot be said"
    low, high = (signed(scale * bound, digits) for bound in (interval.low, interval.high))
    return f", {_level(interval)} interval {low} to {high}"


def _digits(numbers: Sequence[float], least: int) -> int:
    """As many as keep what is not 0 from being written as 0."""
    for digits in range(least, _MOST_DIGITS):
        if all(not number or round(abs(number), digits) for number in numbers):
            return digits
    return _MOST_DIGITS


def _percent(share: Share) -> str:
    """``44 % of the time, 95 % interval 26 to 64 %``."""
    bounds = share.interval
    if isinstance(bounds, CannotBeSaid):
        return f"{100 * share.value:.0f} % of the time, the interval cannot be said"
    low, high = (f"{100 * bound:.0f}" for bound in (bounds.low, bounds.high))
    return f"{100 * share.value:.0f} % of the time, {_level(bounds)} interval {low} to {high} %"


def _level(interval: Interval) -> str:
    return f"{100 * interval.level:g} %"


def _p(p: PValue) -> str:
    if p.value < 0.001:
        return "p < 0.001"
    written = f"{p.value:.3f}"
    if written == "0.050" and p.value > 0.05:
        written = f"{p.value:.4f}"
    after = " after correction" if "Holm" in p.method else ""
    return f"p = {written}{after}"


def _clause(answer: CannotBeSaid) -> str:
    """Its reason as the end of a sentence."""
    return answer.reason[:1].lower() + answer.reason[1:]

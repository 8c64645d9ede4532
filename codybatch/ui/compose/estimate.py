"""What the request may cost, in words and as a bar."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from codybatch.services.estimates import Forecast, basis_in_words
from codybatch.services.wording import money

_AIR = Decimal("1.25")
"""Of a bar without a cap: how much longer it is than the high value."""


@dataclass(frozen=True)
class Bar:
    """A range on a budget, in percent of the bar's length."""

    low: float
    likely: float
    high: float
    is_over: bool
    """Whether the high value passes the end."""


@dataclass(frozen=True)
class ShownEstimate:
    """An estimate in words."""

    likely: str
    range: str
    basis: str
    caps: str
    bar: Bar
    bar_in_words: str
    notices: tuple[str, ...]


def shown_estimate(forecast: Forecast) -> ShownEstimate:
    """A forecast in words."""
    total = forecast.total
    low, likely, high = map(money, (total.low_usd, total.likely_usd, total.high_usd))
    cap = forecast.request_cap_usd
    end = cap if cap is not None else max(total.high_usd * _AIR, Decimal("0.01"))
    ends_at = f"the budget of {money(cap)}" if cap is not None else "no budget"
    return ShownEstimate(
        likely=likely,
        range=f"between {low} and {high}",
        basis=_sentence(basis_in_words(total)),
        caps=_caps(forecast),
        bar=Bar(
            low=_percent(total.low_usd, end),
            likely=_percent(total.likely_usd, end),
            high=_percent(total.high_usd, end),
            is_over=total.high_usd > end,
        ),
        bar_in_words=f"Probably {likely}, between {low} and {high}, on {ends_at}",
        notices=forecast.notices,
    )


def bar_as_html(shown: ShownEstimate) -> str:
    """The bar; it holds numbers of ours and nothing else."""
    bar = shown.bar
    over = " compose-bar-over" if bar.is_over else ""
    return (
        f'<div class="compose-bar{over}" role="img" aria-label="{shown.bar_in_words}">'
        f'<span class="compose-bar-range" style="left:{bar.low:.1f}%;'
        f'width:{max(bar.high - bar.low, 1):.1f}%"></span>'
        f'<span class="compose-bar-likely" style="left:{bar.likely:.1f}%"></span></div>'
    )


def cost_in_short(forecast: Forecast | None, cap_usd: Decimal | None) -> str:
    """What a confirmation names: the estimate, and where it stops at the latest."""
    ends = f"It waits at {money(cap_usd)}." if cap_usd is not None else "It has no cap of its own."
    if forecast is None:
        return f"What it costs cannot be estimated. {ends}"
    total = forecast.total
    return (
        f"It will probably cost {money(total.likely_usd)}, between {money(total.low_usd)} and "
        f"{money(total.high_usd)}. {ends}"
    )


def _caps(forecast: Forecast) -> str:
    cap, left = forecast.request_cap_usd, forecast.day_left_usd
    parts = (
        f"Budget {money(cap)}" if cap is not None else "No budget",
        f"{money(left)} left today" if left is not None else "",
    )
    return " · ".join(part for part in parts if part)


def _percent(amount: Decimal, end: Decimal) -> float:
    return float(min(Decimal(100), 100 * amount / end))


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:] + "."

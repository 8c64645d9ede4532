"""An estimate in words and as a bar."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from codybatch.domain.estimates import Basis, Estimate
from codybatch.services.estimates import Forecast
from codybatch.ui.compose.estimate import bar_as_html, cost_in_short, shown_estimate

TOTAL = Estimate(
    low_usd=Decimal(1), likely_usd=Decimal(2), high_usd=Decimal(5), turns=9, basis=Basis.PRIOR
)


def forecast(**changes: Any) -> Forecast:
    given: dict[str, Any] = {
        "repositories": (),
        "total": TOTAL,
        "job_cap_usd": None,
        "request_cap_usd": Decimal(10),
        "day_left_usd": Decimal(40),
        "price_table": "prices",
        "notices": ("Mind this.",),
    }
    return Forecast(**{**given, **changes})


def test_a_range_lies_on_its_budget() -> None:
    shown = shown_estimate(forecast())

    assert (shown.likely, shown.range) == ("$2.00", "between $1.00 and $5.00")
    assert shown.caps == "Budget $10.00 · $40.00 left today"
    assert shown.basis.startswith("From the repositories' size")
    assert (shown.bar.low, shown.bar.likely, shown.bar.high, shown.bar.is_over) == (
        *(10, 20, 50),
        False,
    )
    assert shown.notices == ("Mind this.",)


def test_a_range_that_passes_its_budget_ends_there_and_says_so() -> None:
    shown = shown_estimate(forecast(request_cap_usd=Decimal(4), day_left_usd=None))

    assert (shown.bar.high, shown.bar.is_over) == (100, True)
    assert "compose-bar-over" in bar_as_html(shown)
    assert shown.caps == "Budget $4.00"


def test_without_a_budget_the_bar_has_room_to_spare() -> None:
    shown = shown_estimate(forecast(request_cap_usd=None))

    assert (shown.bar.high, shown.bar.is_over) == (80, False)
    assert "on no budget" in shown.bar_in_words


def test_an_estimate_of_nothing_can_be_drawn() -> None:
    free = TOTAL.with_(low_usd=0, likely_usd=0, high_usd=0)

    assert shown_estimate(forecast(total=free, request_cap_usd=None)).bar.high == 0


def test_a_confirmation_names_the_cost_and_where_it_ends() -> None:
    told = cost_in_short(forecast(), Decimal(10))

    assert told == ("It will probably cost $2.00, between $1.00 and $5.00. It waits at $10.00.")
    assert cost_in_short(None, None) == (
        "What it costs cannot be estimated. It has no cap of its own."
    )

"""``codybatch estimate``: what a request may cost, before it is submitted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codybatch.cli.listing import AsJson
from codybatch.cli.output import hint, print_facts, print_json, print_table
from codybatch.cli.run import guarded
from codybatch.cli.submission import Written, taking_submission

if TYPE_CHECKING:
    from decimal import Decimal

    from codybatch.domain.estimates import Estimate
    from codybatch.services.estimates import Forecast, RepositoryEstimate

COLUMNS = ("REPOSITORY", "SIZE", "TURNS", "LOW", "LIKELY", "HIGH")


@guarded
@taking_submission
def estimate(written: Written, as_json: AsJson = False) -> None:
    """Say what a request may cost, without submitting it: it takes what `submit` takes.

    Of ten jobs one should cost less than the low value and one more than the high one. Nothing is
    run and nothing is stored.
    """
    from codybatch.cli.context import opened_to_change
    from codybatch.cli.submission import form_from
    from codybatch.services.wire.requests import ForecastShown

    with opened_to_change() as app:
        forecast = app.requests.forecast(form_from(app, written, None))
    if as_json:
        print_json(ForecastShown.of(forecast).as_json())
    else:
        _print(forecast)


def _print(forecast: Forecast) -> None:
    from codybatch.services.estimates import basis_in_words

    rows = [_row(one) for one in forecast.repositories]
    if len(rows) > 1:
        rows.append(("All", "", *_numbers(forecast.total)))
    print_table(COLUMNS, rows)
    caps = {
        "Rests on": basis_in_words(forecast.total).removeprefix("from "),
        "A job stops at": _cap(forecast.job_cap_usd),
        "The request waits at": _cap(forecast.request_cap_usd),
        "Left of today's cap": _cap(forecast.day_left_usd),
        "Prices": forecast.price_table,
    }
    print_facts(caps)
    for notice in forecast.notices:
        hint(f"Note: {notice}")


def _cap(amount: Decimal | None) -> str:
    from codybatch.services.wording import money

    return "no cap" if amount is None else money(amount)


def _row(one: RepositoryEstimate) -> tuple[str, ...]:
    size = f"{one.facts.size_kb / 1000:,.1f} MB"
    return (str(one.facts.repository), size, *_numbers(one.estimate))


def _numbers(estimate: Estimate) -> tuple[str, ...]:
    from codybatch.services.wording import money

    values = (estimate.low_usd, estimate.likely_usd, estimate.high_usd)
    return (str(estimate.turns), *map(money, values))

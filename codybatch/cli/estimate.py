"""``codybatch estimate``: what a request may cost, before it is submitted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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

    with opened_to_change() as app:
        forecast = app.requests.forecast(form_from(app, written, None))
    if as_json:
        print_json(forecast_as_json(forecast))
    else:
        _print(forecast)


def forecast_as_json(forecast: Forecast) -> dict[str, Any]:
    """A forecast for programs."""
    from codybatch.services.estimates import basis_in_words

    return {
        **_as_json(forecast.total),
        "basisInWords": basis_in_words(forecast.total),
        "repositories": [
            {
                "repository": str(one.facts.repository),
                "sizeKb": one.facts.size_kb,
                **_as_json(one.estimate),
            }
            for one in forecast.repositories
        ],
        "jobCapUsd": _amount(forecast.job_cap_usd),
        "requestCapUsd": _amount(forecast.request_cap_usd),
        "dayLeftUsd": _amount(forecast.day_left_usd),
        "priceTable": forecast.price_table,
        "notices": list(forecast.notices),
    }


def _as_json(estimate: Estimate) -> dict[str, Any]:
    return estimate.model_dump(mode="json", by_alias=True)


def _amount(amount: Decimal | None) -> str | None:
    return None if amount is None else format(amount.normalize(), "f")


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

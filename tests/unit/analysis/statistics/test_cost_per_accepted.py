"""What an accepted result costs."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codybatch.analysis.statistics.answers import CannotBeSaid, Interval
from codybatch.analysis.statistics.cost_per_accepted import Spent, cost_per_accepted, cost_ratio
from tests.statistics_kit import A_ACCEPTED, AMOUNTS, B_ACCEPTED, named, said, sampled, unsaid


def spent(costs: list[float], accepted: tuple[int, ...]) -> list[Spent]:
    return [
        Spent(named(at), cost, some)
        for at, (cost, some) in enumerate(zip(costs, accepted, strict=True))
    ]


CHEAP = spent([0.2 + 0.01 * at for at in range(12)], A_ACCEPTED)
DEAR = spent([0.5 + 0.02 * at for at in range(12)], B_ACCEPTED)


def test_failures_are_paid_for_too() -> None:
    cost = said(cost_per_accepted(CHEAP))

    assert cost.accepted == 16
    assert cost.cost == pytest.approx(3.06)
    assert cost.value == pytest.approx(3.06 / 16)
    assert isinstance(cost.interval, Interval)
    assert cost.interval.low < cost.value < cost.interval.high


def test_the_ratio_draws_both_from_the_same_repositories() -> None:
    ratio = said(cost_ratio(CHEAP, DEAR))

    assert ratio.value == pytest.approx((7.32 / 25) / (3.06 / 16))
    assert isinstance(ratio.interval, Interval)
    assert ratio.interval.low < ratio.value < ratio.interval.high


def test_exactly_the_same_costs_have_a_ratio_and_no_interval() -> None:
    ratio = said(cost_ratio(CHEAP, CHEAP))

    assert ratio.value == 1
    assert "All repositories agree" in unsaid(ratio.interval)


def test_nothing_accepted_has_no_cost() -> None:
    nothing = spent([1.0] * 12, (0,) * 12)

    assert "Nothing was accepted" in unsaid(cost_per_accepted(nothing))
    assert "Nothing was accepted" in unsaid(cost_ratio(nothing, DEAR))
    assert "Nothing was accepted" in unsaid(cost_ratio(DEAR, nothing))
    assert "Nothing was accepted" in unsaid(cost_per_accepted([]))


def test_nothing_is_a_multiple_of_nothing() -> None:
    free = spent([0.0] * 12, A_ACCEPTED)

    assert said(cost_per_accepted(free)).value == 0
    assert "cost nothing" in unsaid(cost_ratio(free, DEAR))


def test_few_repositories_have_a_cost_and_no_interval() -> None:
    cost = said(cost_per_accepted(CHEAP[:2]))

    assert cost.value == pytest.approx(0.41 / 4)
    assert "too few" in unsaid(cost.interval)


@pytest.mark.parametrize(("cost", "accepted"), [(math.nan, 1), (-0.1, 1), (math.inf, 1), (1, -1)])
def test_impossible_amounts_are_refused(cost: float, accepted: int) -> None:
    with pytest.raises(ValueError, match="a/b"):
        Spent("a/b", cost, accepted)


@sampled
@given(st.lists(st.tuples(AMOUNTS | st.just(0.0), st.integers(0, 2)), max_size=12))
def test_whatever_was_spent_no_number_is_none(rows: list[tuple[float, int]]) -> None:
    some = spent([cost for cost, _ in rows], tuple(accepted for _, accepted in rows))

    for answer in (cost_per_accepted(some), cost_ratio(some, some[::-1])):
        if not isinstance(answer, CannotBeSaid):
            assert math.isfinite(answer.value)
            assert isinstance(answer.interval, CannotBeSaid | Interval)

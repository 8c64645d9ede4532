"""By how much B differs from A, with the interval and the test that fit the design."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codybatch.analysis.statistics.answers import CannotBeSaid, Interval, PValue
from codybatch.analysis.statistics.effect import (
    Effect,
    effect_on_amounts,
    effect_on_means,
    effect_on_rates,
)
from codybatch.analysis.statistics.mcnemar import PairedTable, mid_p, newcombe
from codybatch.analysis.statistics.mean_difference import mean_difference
from codybatch.analysis.statistics.sides import Sides
from codybatch.analysis.statistics.trials import Trials
from tests.statistics_kit import (
    AMOUNTS,
    DIFFERENCES,
    A,
    B,
    pairs_of_trials,
    said,
    sampled,
    trials,
    unsaid,
)


def test_the_worked_example() -> None:
    effect = said(effect_on_rates(A, B))

    assert effect.value == 0.25
    assert effect.interval == said(mean_difference(DIFFERENCES)).interval
    assert said(effect.p).value == 0.046875
    assert [(one.method, round(one.value, 4)) for one in effect.checks] == [
        ("paired t", 0.0210),
        ("Durkalski", 0.0290),
        ("sign", 0.0703),
    ]
    assert effect.sides == Sides(wins=7, ties=4, losses=1)


def test_one_repetition_each_is_newcombes_and_mcnemars() -> None:
    a = trials([1] + [1] + [0] * 7 + [0] * 12, 1)
    b = trials([1] + [0] + [1] * 7 + [0] * 12, 1)
    table = PairedTable(both=1, only_a=1, only_b=7, neither=12)

    effect = said(effect_on_rates(a, b))

    assert (effect.method, effect.interval) == ("Newcombe", newcombe(table))
    assert effect.p == mid_p(table)


def test_one_repetition_of_forks_is_not() -> None:
    effect = said(effect_on_rates(trials([1, 0, 0], 1), trials([1, 1, 1], 1), ["a", "b", "b"]))

    assert effect.method == "paired t"
    assert effect.sides == Sides(wins=1, ties=1, losses=0)


def test_unequal_repetitions_weigh_a_repository_the_same() -> None:
    a, b = trials([0, 1, 5], [1, 2, 5]), trials([4, 1, 2], [4, 1, 4])

    assert said(effect_on_rates(a, b)).value == pytest.approx((1 + 0.5 - 0.5) / 3)


def test_where_all_differ_by_the_same_the_interval_is_made_of_both() -> None:
    """By Student's t it would be a point: as if one knew it exactly."""
    effect = said(effect_on_rates(trials([0] * 10), trials([3] * 10)))

    assert effect.method == "square-and-add"
    assert isinstance(effect.interval, Interval)
    assert 0.5 < effect.interval.low < effect.interval.high == 1
    assert said(effect.p).value == 2 / 1024


def test_all_ties_show_nothing_and_are_not_sure_of_it() -> None:
    effect = said(effect_on_rates(A, A))

    assert (effect.value, said(effect.p).value) == (0, 1)
    assert isinstance(effect.interval, Interval)
    assert effect.interval.low < -0.2 < 0.2 < effect.interval.high


def test_one_repository_has_a_difference_and_no_interval() -> None:
    effect = said(effect_on_rates(A[1:2], B[1:2]))

    assert effect.value == pytest.approx(2 / 3)
    assert "one repository only" in unsaid(effect.interval)


def test_ratings_are_compared_in_their_steps() -> None:
    effect = said(effect_on_means([3, 4, 2, 5, 3, 3], [4, 4, 4, 5, 4, 2.5]))

    assert effect.value == pytest.approx(3.5 / 6)
    assert effect.sides == Sides(wins=3, ties=2, losses=1)
    assert [one.method for one in effect.checks] == ["paired t", "Wilcoxon, exact", "sign"]


def test_ratings_that_all_differ_by_the_same_have_a_p_value_and_no_interval() -> None:
    effect = said(effect_on_means([2.0] * 8, [3.0] * 8))

    assert effect.value == 1
    assert "by the same" in unsaid(effect.interval)
    assert said(effect.p).value == 2 / 256


def test_amounts_are_compared_as_multiples() -> None:
    effect = said(effect_on_amounts([1, 2, 4, 0], [2, 2, 2, 5]))

    assert effect.value == pytest.approx(1)
    assert (effect.left_out, effect.repositories) == (1, 3)
    assert effect.sides == Sides(wins=1, ties=1, losses=1)


def test_amounts_that_all_double_have_no_interval() -> None:
    effect = said(effect_on_amounts([0.1, 0.7, 1.3], [0.2, 1.4, 2.6]))

    assert effect.value == pytest.approx(2)
    assert "by the same" in unsaid(effect.interval)


def test_nothing_in_common_cannot_be_compared() -> None:
    assert "verdicts on both" in unsaid(effect_on_rates([], []))
    assert "ratings of both" in unsaid(effect_on_means([], []))
    assert "positive number" in unsaid(effect_on_amounts([], []))
    assert "too large" in unsaid(effect_on_amounts([1e-300] * 3, [1e300] * 3))


def holds(effect: Effect | CannotBeSaid) -> bool:
    """Whether every number is one, and lies where it can."""
    if isinstance(effect, CannotBeSaid):
        return bool(effect.reason)
    inside = isinstance(effect.interval, CannotBeSaid) or (
        effect.interval.low <= effect.value <= effect.interval.high
        and effect.interval.low < effect.interval.high
    )
    return inside and math.isfinite(effect.value) and isinstance(effect.p, PValue)


@sampled
@given(pairs_of_trials(), st.booleans())
def test_whatever_was_accepted_no_number_is_none(
    pair: tuple[list[Trials], list[Trials]], forks: bool
) -> None:
    a, b = pair
    effect = effect_on_rates(a, b, [at // 2 for at in range(len(a))] if forks else None)

    assert holds(effect)
    if isinstance(effect, Effect) and isinstance(effect.interval, Interval):
        assert -1 <= effect.interval.low <= effect.interval.high <= 1


@sampled
@given(st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), max_size=10))
def test_whatever_was_rated_no_number_is_none(rows: list[tuple[int, int]]) -> None:
    assert holds(effect_on_means([a for a, _ in rows], [b for _, b in rows]))


@sampled
@given(st.lists(st.tuples(AMOUNTS | st.just(0.0), AMOUNTS), max_size=10))
def test_whatever_was_spent_no_number_is_none(rows: list[tuple[float, float]]) -> None:
    assert holds(effect_on_amounts([a for a, _ in rows], [b for _, b in rows]))

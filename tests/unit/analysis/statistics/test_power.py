"""How many repositories or repetitions a difference needs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.power import TTestPower  # type: ignore[import-untyped]

from codybatch.analysis.statistics.answers import CannotBeSaid
from codybatch.analysis.statistics.power import (
    Spread,
    detectable,
    detectable_by_formula,
    power_of,
    repetitions_needed,
    repositories_needed,
    spread,
)
from codybatch.analysis.statistics.trials import Trials
from tests.statistics_kit import A, B, pairs_of_trials, said, sampled, trials, unsaid

USUAL = Spread(repetitions_a=0.15, repetitions_b=0.15, between=0.03)


def test_miller_published_969() -> None:
    """Miller 2024, section 5: w2 = 1/9, no noise within, a difference of 3 points."""
    needed = said(repositories_needed(0.03, Spread(0, 0, 1 / 9), repetitions=1))

    assert round(needed.by_formula) == 969
    assert needed.repositories == 971


@pytest.mark.parametrize(
    ("repetitions", "formula"), [(1, 259), (2, 141), (3, 102), (5, 71), (10, 47)]
)
def test_the_worked_example(repetitions: int, formula: int) -> None:
    needed = said(repositories_needed(0.10, USUAL, repetitions))

    assert round(needed.by_formula) == formula
    assert formula < needed.repositories <= formula + 3


@pytest.mark.parametrize(("repositories", "difference"), [(20, 0.23), (50, 0.14), (100, 0.10)])
def test_what_three_repetitions_can_show(repositories: int, difference: float) -> None:
    assert round(detectable_by_formula(USUAL, repositories, 3), 2) == difference
    assert said(detectable(USUAL, repositories, 3)) > detectable_by_formula(USUAL, repositories, 3)


def test_the_spread_of_the_worked_example() -> None:
    seen = said(spread(A, B))

    assert round(seen.repetitions_a, 4) == 0.1944
    assert round(seen.repetitions_b, 4) == 0.1389
    assert seen.between == 0  # by the formula -.0076: chance alone explains what was seen


@sampled
@given(st.floats(0.2, 2), st.integers(3, 60))
def test_the_chance_is_as_statsmodels_says(effect: float, repositories: int) -> None:
    """Of the side that the difference is on; the other is a false alarm, not a find."""
    expected = TTestPower().power(effect, repositories, 0.025, alternative="larger")

    assert power_of(effect, 1 / repositories, repositories) == pytest.approx(expected, abs=1e-9)


@sampled
@given(st.floats(0.05, 0.6), st.floats(0.01, 0.25), st.floats(0, 0.25), st.integers(1, 5))
def test_one_repository_fewer_would_not_do(
    difference: float, within: float, between: float, repetitions: int
) -> None:
    varying = Spread(within, within, between)
    needed = said(repositories_needed(difference, varying, repetitions)).repositories
    one = varying.of_mean(repetitions, repetitions)

    assert power_of(difference, one / needed, needed) >= 0.8
    assert needed == 2 or power_of(difference, one / (needed - 1), needed - 1) < 0.8
    assert said(detectable(varying, needed, repetitions)) <= difference * (1 + 1e-9)


def test_repetitions_help_only_with_what_differs_between_them() -> None:
    assert repetitions_needed(0.10, USUAL, 100) == 4
    assert repetitions_needed(0.10, USUAL, 300) == 1
    assert "More repositories" in unsaid(repetitions_needed(0.10, USUAL, 20))


def test_one_repetition_fewer_would_not_do() -> None:
    needed = said(repetitions_needed(0.10, USUAL, 60))

    assert power_of(0.10, USUAL.of_mean(needed, needed) / 60, 60) >= 0.8
    assert power_of(0.10, USUAL.of_mean(needed - 1, needed - 1) / 60, 60) < 0.8


def test_more_repositories_beat_more_repetitions_at_the_same_budget() -> None:
    assert said(detectable(USUAL, 60, 1)) < said(detectable(USUAL, 20, 3))


def test_single_repetitions_leave_all_the_spread_to_repositories() -> None:
    seen = said(spread(trials([1, 0, 1, 0], 1), trials([1, 1, 0, 0], 1)))

    assert (seen.repetitions_a, seen.repetitions_b) == (0, 0)
    assert seen.between == pytest.approx(2 / 3)


def test_what_cannot_be_planned_is_said() -> None:
    still = Spread(0, 0, 0)

    assert "Nothing varies" in unsaid(repositories_needed(0.1, still, 3))
    assert "Nothing varies" in unsaid(repetitions_needed(0.1, still, 20))
    assert "Nothing varies" in unsaid(detectable(still, 20, 3))
    assert "nothing" in unsaid(repositories_needed(0, USUAL, 3))
    assert "nothing" in unsaid(repetitions_needed(0, USUAL, 20))
    assert "More than 1,000,000" in unsaid(repositories_needed(1e-5, USUAL, 3))
    assert "one repository" in unsaid(repetitions_needed(0.1, USUAL, 1))
    assert "One repository" in unsaid(detectable(USUAL, 1, 3))
    assert "fewer than two" in unsaid(spread(A[:1], B[:1]))


@sampled
@given(pairs_of_trials(least=2), st.integers(1, 5))
def test_whatever_was_seen_no_number_is_none(
    pair: tuple[list[Trials], list[Trials]], repetitions: int
) -> None:
    varying = said(spread(*pair))

    assert varying.between >= 0
    least = detectable(varying, len(pair[0]), repetitions)
    assert isinstance(least, CannotBeSaid) or 0 < least < 1000
    needed = repositories_needed(0.1, varying, repetitions)
    assert isinstance(needed, CannotBeSaid) or needed.repositories >= 2

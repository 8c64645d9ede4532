"""Plain words, with no more digits than the data is sure of."""

from __future__ import annotations

from dataclasses import replace

import pytest

from codybatch.analysis.statistics.acceptance import acceptance
from codybatch.analysis.statistics.answers import CannotBeSaid, Interval, PValue
from codybatch.analysis.statistics.conclusion import Conclusion
from codybatch.analysis.statistics.cost_per_accepted import CostPerAccepted, CostRatio
from codybatch.analysis.statistics.effect import Effect
from codybatch.analysis.statistics.kappa import cohens_kappa
from codybatch.analysis.statistics.krippendorff import Alpha
from codybatch.analysis.statistics.passes import passes
from codybatch.analysis.statistics.plan import Role
from codybatch.analysis.statistics.power import Spread, detectable, repositories_needed
from codybatch.analysis.statistics.sentences import (
    of_alpha,
    of_cost,
    of_cost_ratio,
    of_detectable,
    of_effect,
    of_kappa,
    of_needed,
    of_passes,
    of_share,
    points,
    signed,
)
from codybatch.analysis.statistics.sides import Sides
from codybatch.domain.experiments import Metric
from tests.statistics_kit import A

NO = CannotBeSaid("There is one repository only.")
EFFECT = Effect(
    value=0.18,
    interval=Interval(0.04, 0.31),
    method="paired t",
    p=PValue(0.0123, "sign-flip, exact"),
    checks=(),
    sides=Sides(9, 3, 1),
    repositories=13,
)


def sentence(
    value: float,
    low: float,
    high: float,
    metric: Metric = Metric.ACCEPTED,
    conclusion: Conclusion = Conclusion.B_BETTER,
    p: float = 0.0123,
) -> str:
    effect = replace(
        EFFECT, value=value, interval=Interval(low, high), p=PValue(p, "sign-flip, exact")
    )
    return of_effect(effect, metric, Role.PRIMARY, ("A", "B"), conclusion)


def test_a_difference_is_told_in_points() -> None:
    assert sentence(0.18, 0.04, 0.31) == (
        "B was accepted 18 points more often than A, 95 % interval 4 to 31 (p = 0.012)."
    )


def test_a_worse_one_is_less_often_and_its_interval_below_nothing() -> None:
    assert sentence(-0.012, -0.02, -0.006, conclusion=Conclusion.A_BETTER) == (
        "B was accepted 1 point less often than A, "
        "95 % interval \N{MINUS SIGN}2 to \N{MINUS SIGN}1 (p = 0.012)."
    )


def test_what_is_not_shown_is_not_called_equal() -> None:
    assert sentence(0.03, -0.1, 0.16, conclusion=Conclusion.NO_DIFFERENCE_SHOWN, p=0.62) == (
        "No difference shown: B was accepted 3 points more often than A, "
        "95 % interval \N{MINUS SIGN}10 to 16 (p = 0.620)."
    )


def test_a_bound_that_is_not_nothing_is_never_written_as_nothing() -> None:
    assert "interval 0.3 to 31.0" in sentence(0.18, 0.003, 0.31)
    assert "interval \N{MINUS SIGN}0.04 to 0.31" in sentence(0.001, -0.0004, 0.0031)


@pytest.mark.parametrize(
    ("p", "written"),
    [
        (0.0001, "p < 0.001"),
        (0.0502, "p = 0.0502"),
        (0.05, "p = 0.050"),
        (0.0498, "p = 0.050"),
        (1, "p = 1.000"),
    ],
)
def test_a_p_value_is_not_rounded_over_the_line(p: float, written: str) -> None:
    assert f"({written})" in sentence(0.18, 0.04, 0.31, p=p)


def test_ratings_are_told_in_steps() -> None:
    assert sentence(0.42, 0.11, 0.73, Metric.RATING).startswith(
        "B was rated 0.4 higher than A, 95 % interval 0.1 to 0.7"
    )


def test_costs_and_times_are_told_as_multiples() -> None:
    assert sentence(0.8, 0.7, 0.92, Metric.COST).startswith(
        "B cost 0.80 times as much as A, 95 % interval 0.70 to 0.92"
    )
    assert sentence(1.25, 1.1, 1.4, Metric.DURATION).startswith("B took 1.25 times as long as A")


def test_a_metric_that_was_chosen_late_says_so() -> None:
    told = of_effect(EFFECT, Metric.ACCEPTED, Role.CHOSEN_LATE, ("A", "B"), Conclusion.B_BETTER)

    assert told.endswith("This metric was chosen after results were there: it decides nothing.")


def test_while_one_job_runs_nothing_is_concluded() -> None:
    waiting = replace(EFFECT, p=CannotBeSaid("1 job is not finished."))

    assert of_effect(waiting, Metric.ACCEPTED, Role.PRIMARY, ("A", "B"), Conclusion.NOT_YET, 1) == (
        "So far B was accepted 18 points more often than A, 95 % interval 4 to 31; 1 job is not "
        "finished or not judged, so nothing is concluded yet."
    )


def test_shares_are_told_in_per_cent() -> None:
    assert of_share(acceptance(A), "A") == (
        "A was accepted 44 % of the time, 95 % interval 26 to 64 %."
    )
    assert of_share(acceptance(A[:1]), "A") == (
        "A was accepted 100 % of the time, the interval cannot be said."
    )


def test_attempts_are_told() -> None:
    assert of_passes(passes(A, 3), "A") == (
        "Of 3 attempts of A, at least one is accepted 75 % of the time, 95 % interval 47 to 91 %; "
        "all are accepted 17 % of the time, 95 % interval 5 to 45 %."
    )


def test_costs_of_an_accepted_result_are_told() -> None:
    cost = CostPerAccepted(1.25, Interval(0.9, 1.8), 10.0, 8)

    assert of_cost(cost, "A") == (
        "An accepted result of A costs $1.25, 95 % interval $0.90 to $1.80."
    )
    assert of_cost(replace(cost, interval=NO), "A") == (
        "An accepted result of A costs $1.25, the interval cannot be said."
    )
    assert of_cost_ratio(CostRatio(0.8, Interval(0.6, 1.1)), ("A", "B")) == (
        "An accepted result of B costs 0.80 times one of A, 95 % interval 0.60 to 1.10."
    )


def test_agreement_is_told() -> None:
    assert of_kappa(cohens_kappa([[20, 5], [4, 31]])) == (
        "Cohen's kappa is 0.69, 95 % interval 0.50 to 0.88, over 60 that both judged: 1 is perfect "
        "agreement, 0 what chance gives."
    )
    assert "alpha is 0.74 over 11" in of_alpha(Alpha(0.743, 11, 40))
    assert of_alpha(Alpha(-0.2, 5, 12)).endswith("below 0.67 little can be built on it.")


def test_what_is_needed_is_told() -> None:
    usual = Spread(0.15, 0.15, 0.03)

    assert of_needed(repositories_needed(0.1, usual, 3)) == (
        "To show a difference of 10 points with a chance of 80% takes 104 repositories with 3 "
        "repetitions of each."
    )
    assert of_detectable(detectable(usual, 20, 3), 20).startswith(
        "With 20 repositories a difference of 24 points is shown with a chance of 80%"
    )
    assert "too few to show any difference" in of_detectable(1.3, 3)


def test_what_cannot_be_said_is_said_with_its_reason() -> None:
    told = [
        of_effect(NO, Metric.ACCEPTED, Role.PRIMARY, ("A", "B"), Conclusion.CANNOT_BE_SAID),
        of_share(NO, "A"),
        of_passes(passes(A, 9), "A"),
        of_cost(NO, "A"),
        of_cost_ratio(NO, ("A", "B")),
        of_kappa(NO),
        of_alpha(NO),
        of_needed(NO),
        of_detectable(NO, 1),
    ]

    assert all(one.startswith("It cannot be said") for one in told)
    assert all(": there is one" in one or ": no repository has" in one for one in told)


def test_a_minus_is_a_minus_and_nothing_has_none() -> None:
    assert signed(-1234.5, 1) == "\N{MINUS SIGN}1,234.5"
    assert signed(-0.001, 2) == "0.00"
    assert points(0.01, 0) == "1 point"
    assert points(-0.184, 0) == "\N{MINUS SIGN}18 points"

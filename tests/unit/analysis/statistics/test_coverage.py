"""Intervals hold what they promise and tests do not cry wolf, in simulated experiments.

Seeded, so that they pass or fail the same each time. With 400 experiments a coverage of .95 is seen
as .92 to .97 (99 % of the time).
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from codybatch.analysis.statistics.acceptance import acceptance
from codybatch.analysis.statistics.answers import Interval
from codybatch.analysis.statistics.bootstrap import bca_of_sums
from codybatch.analysis.statistics.effect import effect_on_rates
from codybatch.analysis.statistics.mcnemar import PairedTable, exact
from codybatch.analysis.statistics.mean_difference import mean_difference
from codybatch.analysis.statistics.power import Spread, power_of
from codybatch.analysis.statistics.wilson import wilson
from tests.statistics_kit import said, trials

EXPERIMENTS = 400


def accepted(rng: np.random.Generator, repositories: int, repetitions: int) -> list[int]:
    """How many repetitions are accepted, where repositories are of very different difficulty."""
    rates = rng.beta(0.8, 1.2, repositories)
    return [int(one) for one in rng.binomial(repetitions, rates)]


@pytest.mark.parametrize("repositories", [6, 20])
def test_the_interval_of_a_prompt_holds_its_rate(repositories: int) -> None:
    rng, rate, held, naively = np.random.default_rng(1), 0.4, 0, 0
    for _ in range(EXPERIMENTS):
        seen = accepted(rng, repositories, 5)
        interval = said(acceptance(trials(seen, 5))).interval
        assert isinstance(interval, Interval)
        held += not interval.excludes(rate)
        jobs = 5 * repositories
        naively += not wilson(Fraction(sum(seen), jobs), jobs).excludes(rate)

    assert held / EXPERIMENTS > 0.92
    assert naively / EXPERIMENTS < 0.85  # as if the repetitions were independent


def test_where_prompts_are_equal_a_difference_is_rarely_shown() -> None:
    """Repositories like one prompt more than the other, to no advantage of either: McNemar's test
    over all pairs of repetitions takes that for an effect.
    """
    rng, repositories, alarms, naive, held = np.random.default_rng(2), 20, 0, 0, 0
    for _ in range(EXPERIMENTS):
        liking = rng.normal(0, 0.25, repositories)
        a = rng.random((5, repositories)) < np.clip(0.5 - liking / 2, 0, 1)
        b = rng.random((5, repositories)) < np.clip(0.5 + liking / 2, 0, 1)
        arms = trials(list(map(int, a.sum(0))), 5), trials(list(map(int, b.sum(0))), 5)
        effect = said(effect_on_rates(*arms))
        assert isinstance(effect.interval, Interval)
        held += not effect.interval.excludes(0)
        alarms += said(effect.p).value <= 0.05
        table = PairedTable(0, int((a & ~b).sum()), int((b & ~a).sum()), 0)
        naive += exact(table).value <= 0.05

    assert held / EXPERIMENTS > 0.92
    assert alarms / EXPERIMENTS < 0.08
    assert naive > 1.5 * alarms


def test_the_chance_to_show_a_difference_is_as_planned() -> None:
    """Of a difference of 30 points on 20 repositories with 3 repetitions."""
    rng, repositories, shown, error = np.random.default_rng(3), 20, 0, 0.0
    varying = Spread(repetitions_a=0.21, repetitions_b=0.24, between=0.0)
    for _ in range(EXPERIMENTS):
        a, b = rng.binomial(3, 0.3, repositories), rng.binomial(3, 0.6, repositories)
        mean = mean_difference([Fraction(int(y) - int(x), 3) for x, y in zip(a, b, strict=True)])
        shown += said(mean).interval.low > 0
    error = varying.of_mean(3, 3) / repositories

    assert shown / EXPERIMENTS == pytest.approx(power_of(0.3, error, repositories), abs=0.06)


def test_the_bootstrap_holds_the_cost_of_an_accepted_result() -> None:
    """Within its own error: 150 experiments of 20 repositories; the true ratio is 1 / 1.8."""
    rng, held, experiments = np.random.default_rng(4), 0, 150
    for seed in range(experiments):
        costs, good = rng.gamma(4, 0.25, 20), rng.binomial(3, 0.6, 20)
        interval = bca_of_sums(
            list(zip(map(float, costs), map(float, good), strict=True)),
            lambda sums: np.asarray(sums[..., 0] / sums[..., 1]),
            seed=seed,
        )
        held += not said(interval).excludes(1 / 1.8)

    assert held / experiments > 0.88

"""How often one prompt is accepted."""

from __future__ import annotations

import pytest
from hypothesis import given

from codybatch.analysis.statistics.acceptance import acceptance
from codybatch.analysis.statistics.answers import Interval
from codybatch.analysis.statistics.trials import Trials
from codybatch.analysis.statistics.wilson import wilson
from tests.statistics_kit import A, B, said, sampled, some_trials, trials, unsaid


def test_the_worked_example() -> None:
    share = said(acceptance(A))

    assert share.value == pytest.approx(16 / 36)
    assert round(share.standard_error or 0, 4) == 0.1033
    assert round(36 / (share.effective_trials or 1), 4) == 1.5545  # the design effect
    assert round(share.effective_trials or 0, 3) == 23.158
    assert isinstance(share.interval, Interval)
    assert (round(share.interval.low, 4), round(share.interval.high, 4)) == (0.2648, 0.6399)


def test_the_worked_example_as_if_all_trials_were_independent_would_be_too_narrow() -> None:
    naive, share = wilson(16 / 36, 36), said(acceptance(A))

    assert (round(naive.low, 4), round(naive.high, 4)) == (0.2954, 0.6042)
    assert isinstance(share.interval, Interval)
    assert share.interval.low < naive.low < naive.high < share.interval.high


def test_the_worked_example_of_b() -> None:
    share = said(acceptance(B))

    assert share.value == pytest.approx(25 / 36)
    assert round(share.standard_error or 0, 4) == 0.1043


def test_a_repository_that_was_repeated_more_often_weighs_no_more() -> None:
    share = said(acceptance([Trials("a/a", 9, 9), Trials("a/b", 0, 1)]))

    assert share.value == 0.5


def test_one_repetition_each_is_plain_wilson() -> None:
    share = said(acceptance(trials([1, 0, 1, 1, 0], 1)))

    assert share.interval == wilson(0.6, 5)


def test_forks_make_it_less_sure() -> None:
    alone = said(acceptance(A))
    owners = [at // 4 for at in range(len(A))]
    forks = said(acceptance(trials([3, 3, 3, 2, 1, 1, 0, 2, 0, 0, 1, 0]), owners))

    assert forks.value == alone.value
    assert (forks.effective_trials or 0) < 5


def test_without_verdicts_nothing_can_be_said() -> None:
    assert unsaid(acceptance([])) == "No job has a verdict."


@sampled
@given(some_trials(least=1))
def test_whatever_was_accepted_the_answer_is_a_chance(arm: list[Trials]) -> None:
    share = said(acceptance(arm))

    assert 0 <= share.value <= 1
    if isinstance(share.interval, Interval):
        assert 0 <= share.interval.low <= share.value <= share.interval.high <= 1
    else:
        assert len(arm) == 1

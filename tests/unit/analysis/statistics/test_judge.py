"""What a judge's verdicts would be worth, were its mistakes not made."""

from __future__ import annotations

import pytest

from codybatch.analysis.statistics.judge import Judge, corrected_rate
from tests.statistics_kit import said, unsaid

JUDGE = Judge(accepted_good=31, good=35, rejected_bad=20, bad=25)


def test_the_worked_example() -> None:
    assert round(said(corrected_rate(0.70, JUDGE)), 4) == 0.7292


def test_a_judge_without_mistakes_is_believed() -> None:
    assert said(corrected_rate(0.3, Judge(30, 30, 30, 30))) == pytest.approx(0.3)


@pytest.mark.parametrize(("rate", "really"), [(0.05, 0.0), (1.0, 1.0)])
def test_a_rate_stays_a_rate(rate: float, really: float) -> None:
    assert said(corrected_rate(rate, JUDGE)) == really


@pytest.mark.parametrize(
    "judge", [Judge(15, 30, 15, 30), Judge(5, 30, 5, 30), Judge(18, 30, 15, 30)]
)
def test_a_judge_that_guesses_says_nothing(judge: Judge) -> None:
    assert "does not tell good from bad" in unsaid(corrected_rate(0.7, judge))


@pytest.mark.parametrize("judge", [Judge(24, 24, 25, 25), Judge(60, 60, 0, 0), Judge(0, 0, 60, 60)])
def test_a_judge_that_is_hardly_known_says_nothing(judge: Judge) -> None:
    assert "it takes 50, some of them good and some bad" in unsaid(corrected_rate(0.7, judge))


def test_an_impossible_judge_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="no table"):
        Judge(accepted_good=4, good=3, rejected_bad=0, bad=1)

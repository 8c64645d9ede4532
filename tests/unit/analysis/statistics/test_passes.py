"""pass@k and pass^k, against what choosing k of the repetitions gives."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codybatch.analysis.statistics.passes import pass_at, pass_hat, passes
from codybatch.analysis.statistics.trials import Trials
from tests.statistics_kit import A, B, said, sampled, trials, unsaid


def values(arm: list[Trials], attempts: int) -> tuple[float, float]:
    both = passes(arm, attempts)
    return said(both.any_of_them).value, said(both.all_of_them).value


def test_the_worked_example() -> None:
    assert values(A, 3) == pytest.approx((0.75, 1 / 6))
    assert values(B, 3) == pytest.approx((11 / 12, 0.5))
    assert values(A, 2)[1] == pytest.approx(0.25)
    assert values(B, 2)[1] == pytest.approx(5 / 9)


@sampled
@given(st.integers(1, 7), st.data())
def test_it_is_the_part_of_all_choices(count: int, data: st.DataObject) -> None:
    accepted, attempts = data.draw(st.integers(0, count)), data.draw(st.integers(1, count))
    chosen = list(combinations([True] * accepted + [False] * (count - accepted), attempts))
    one = Trials("a/b", accepted, count)

    assert pass_at(one, attempts) == Fraction(sum(map(any, chosen)), len(chosen))
    assert pass_hat(one, attempts) == Fraction(sum(map(all, chosen)), len(chosen))


def test_one_attempt_is_the_rate() -> None:
    assert values(A, 1) == pytest.approx((16 / 36, 16 / 36))


def test_repositories_with_too_few_repetitions_are_left_out_by_name() -> None:
    both = passes(trials([1, 2, 3], [1, 3, 3]), 2)

    assert both.left_out == ("acme/r000",)
    assert said(both.any_of_them).repositories == 2


def test_more_attempts_than_anybody_made_cannot_be_judged() -> None:
    both = passes(A, 4)

    assert "No repository has 4 repetitions" in unsaid(both.any_of_them)
    assert len(both.left_out) == 12


def test_less_than_one_attempt_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="0 attempts"):
        passes(A, 0)


def test_clusters_stay_with_their_repositories() -> None:
    both = passes(trials([1, 0, 3, 1], [1, 3, 3, 3]), 2, clusters=["x", "y", "y", "y"])

    assert "belong together" in unsaid(said(both.any_of_them).interval)

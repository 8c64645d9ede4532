"""Only repositories that both have are compared, and the others are named."""

from __future__ import annotations

from fractions import Fraction

from codybatch.analysis.statistics.pairs import by_repository, means, side_by_side
from tests.statistics_kit import A


def test_repositories_of_one_only_are_set_aside_by_name() -> None:
    pairs = side_by_side({"x": 1, "z": 3, "y": 2}, {"y": 20, "w": 0, "x": 10})

    assert pairs.repositories == ("x", "y")
    assert (pairs.a, pairs.b) == ((1, 2), (10, 20))
    assert (pairs.only_a, pairs.only_b) == (("z",), ("w",))


def test_two_arms_with_nothing_in_common_make_no_pair() -> None:
    pairs = side_by_side({"x": 1}, {})

    assert pairs.repositories == ()
    assert pairs.only_a == ("x",)


def test_trials_are_found_by_their_repository() -> None:
    assert by_repository(A)[A[3].repository] is A[3]


def test_a_mean_is_exact_and_a_repository_without_numbers_has_none() -> None:
    assert means({"x": [0.5, 1.0, 3.0], "y": []}) == {"x": Fraction(3, 2)}

"""Krippendorff's alpha: his own worked example, and its definition."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codybatch.analysis.statistics.answers import CannotBeSaid
from codybatch.analysis.statistics.krippendorff import Alpha, Scale, krippendorffs_alpha
from tests.statistics_kit import said, sampled, unsaid

N = None
OBSERVERS = (
    (1, 2, 3, 3, 2, 1, 4, 1, 2, N, N, N),
    (1, 2, 3, 3, 2, 2, 4, 1, 2, 5, N, 3),
    (N, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, N),
    (1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, N),
)
"""Krippendorff 2011, section C: twelve units, four observers, some ratings missing."""
UNITS = list(zip(*OBSERVERS, strict=True))


@pytest.mark.parametrize(
    ("scale", "alpha"),
    [(Scale.NOMINAL, 0.743), (Scale.ORDINAL, 0.815), (Scale.INTERVAL, 0.849)],
)
def test_krippendorff_published_it(scale: Scale, alpha: float) -> None:
    answer = said(krippendorffs_alpha(UNITS, scale))

    assert round(answer.value, 3) == alpha
    assert (answer.units, answer.ratings) == (11, 40)


def test_two_raters_without_gaps_as_published() -> None:
    """Krippendorff 2011, section A: two observers, binary."""
    meg = (0, 1, 0, 0, 0, 0, 0, 0, 1, 0)
    owen = (1, 1, 1, 0, 0, 1, 0, 0, 0, 0)
    units = list(zip(meg, owen, strict=True))

    assert round(said(krippendorffs_alpha(units, Scale.NOMINAL)).value, 3) == 0.095


@sampled
@given(
    st.lists(
        st.lists(st.none() | st.integers(1, 5), min_size=1, max_size=4), min_size=1, max_size=10
    ),
    st.sampled_from(Scale),
)
def test_it_is_one_exactly_where_all_agree(units: list[list[int | None]], scale: Scale) -> None:
    alpha = krippendorffs_alpha(units, scale)
    pairable = [{*unit} - {None} for unit in units if len(unit) - unit.count(None) > 1]

    if isinstance(alpha, CannotBeSaid):
        assert len(set().union(*pairable)) < 2
    else:
        assert alpha.value <= 1
        assert (alpha.value == 1) is all(len(unit) == 1 for unit in pairable)


def test_ratings_alone_on_a_thing_change_nothing() -> None:
    without = [(1, 2), (2, 2), (1, 1)]

    assert krippendorffs_alpha([*without, (5,), (N, 4)], Scale.ORDINAL) == krippendorffs_alpha(
        without, Scale.ORDINAL
    )


def test_one_rater_has_nobody_to_agree_with() -> None:
    assert "two raters" in unsaid(krippendorffs_alpha([(1,), (2,), (N, 3)], Scale.NOMINAL))
    assert "two raters" in unsaid(krippendorffs_alpha([], Scale.NOMINAL))


def test_where_all_ratings_are_the_same_it_cannot_be_said() -> None:
    assert "All ratings are the same" in unsaid(
        krippendorffs_alpha([(4, 4), (4, 4)], Scale.ORDINAL)
    )


def test_total_disagreement_is_below_chance() -> None:
    assert said(krippendorffs_alpha([(1, 5), (5, 1)], Scale.INTERVAL)) == Alpha(-0.5, 2, 4)

"""Corrections for many comparisons, against statsmodels and scipy."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests  # type: ignore[import-untyped]

from codybatch.analysis.statistics.corrections import benjamini_hochberg, holm
from tests.statistics_kit import sampled

P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=20)
EXAMPLE = (0.004, 0.030, 0.021, 0.20)


def test_the_worked_example() -> None:
    assert holm(EXAMPLE) == pytest.approx((0.016, 0.063, 0.063, 0.20))
    assert benjamini_hochberg(EXAMPLE) == pytest.approx((0.016, 0.040, 0.040, 0.20))


@settings(sampled, max_examples=8)  # statsmodels collects garbage at each call
@given(P_VALUES)
def test_holms_is_as_statsmodels_says(p_values: list[float]) -> None:
    assert holm(p_values) == pytest.approx(multipletests(p_values, method="holm")[1], abs=1e-9)


@sampled
@given(P_VALUES)
def test_benjamini_and_hochbergs_is_as_scipy_says(p_values: list[float]) -> None:
    assert benjamini_hochberg(p_values) == pytest.approx(
        stats.false_discovery_control(p_values), abs=1e-9
    )


def test_one_question_needs_no_correction_and_none_has_none() -> None:
    assert holm((0.03,)) == benjamini_hochberg((0.03,)) == (0.03,)
    assert holm(()) == benjamini_hochberg(()) == ()


@pytest.mark.parametrize("value", [float("nan"), -0.1, 1.5])
def test_what_is_no_p_value_is_a_mistake(value: float) -> None:
    with pytest.raises(ValueError, match="no p-value"):
        holm((0.5, value))
    with pytest.raises(ValueError, match="no p-value"):
        benjamini_hochberg((value,))

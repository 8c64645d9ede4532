"""Where the data says little, it is said."""

from __future__ import annotations

from dataclasses import replace

import pytest

from codybatch.analysis.statistics.cautions import (
    about_errors,
    about_health,
    about_repetitions,
    about_repositories,
    about_unpaired,
)
from codybatch.analysis.statistics.conclusion import Conclusion
from codybatch.analysis.statistics.effect import effect_on_amounts, effect_on_rates
from codybatch.analysis.statistics.trials import Health
from tests.statistics_kit import A, B, said, trials

FULL = Health(planned=36, accepted=20, rejected=16, errors=0, unjudged=0, missing=0)


def test_twelve_repositories_of_which_eight_differ_need_no_caution() -> None:
    assert list(about_repositories(said(effect_on_rates(A, B)), 0.05)) == []


def test_nine_repositories_are_few() -> None:
    (caution,) = about_repositories(said(effect_on_rates(A[1:10], B[1:10])), 0.05)

    assert caution.startswith("Only 9 repositories:")


@pytest.mark.parametrize(
    ("differing", "begin"),
    [
        (0, "No repositories differ: with fewer than 6"),
        (1, "Only 1 repository differs: with fewer than 6"),
        (5, "Only 5 repositories differ: with fewer than 6"),
    ],
)
def test_too_few_that_differ_cannot_show_anything(differing: int, begin: str) -> None:
    b = trials([3] * differing + [0] * (12 - differing))

    (caution,) = about_repositories(said(effect_on_rates(trials([0] * 12), b)), 0.05)

    assert caution.startswith(begin)


def test_one_in_a_hundred_needs_eight_that_differ() -> None:
    (caution,) = about_repositories(
        said(effect_on_rates(trials([0] * 12), trials([3] * 7 + [0] * 5))), 0.01
    )

    assert "with fewer than 8 no exact test can reach p = 0.01" in caution


def test_amounts_that_are_none_are_counted() -> None:
    amounts = [1.0 + at for at in range(12)]
    effect = said(effect_on_amounts([*amounts, 0.0], [*(2 + at**2 for at in amounts), 1.0]))

    assert list(about_repositories(effect, 0.05)) == [
        "1 repository is left out, because a number there is not above 0."
    ]


def test_one_repetition_cannot_tell_how_steady_a_prompt_is() -> None:
    assert "how steady" in next(about_repetitions([1, 1, 1]))


def test_unequal_repetitions_are_told() -> None:
    assert "1 to 5 results each" in next(about_repetitions([3, 1, 5]))
    assert list(about_repetitions([3, 3])) == []
    assert list(about_repetitions([])) == []


def test_repositories_of_one_only_are_named_up_to_five() -> None:
    assert list(about_unpaired(["b/b"], ["a/a"])) == [
        "2 repositories are left out, because only one of the two has results: a/a, b/b."
    ]
    assert next(about_unpaired([f"a/{at}" for at in range(7)], [])).endswith("a/4, ….")
    assert list(about_unpaired([], [])) == []


def test_jobs_that_say_nothing_are_told_of_both() -> None:
    lacking = replace(FULL, rejected=13, unjudged=1, missing=2)

    assert next(about_health(("a", FULL), ("b", lacking))).startswith(
        "Some jobs say nothing: 0 of 36 of a (0 missing, 0 without a verdict) and 3 of 36 of b "
        "(2 missing, 1 without a verdict)."
    )
    assert list(about_health(("a", FULL), ("b", FULL))) == []


def test_errors_matter_where_the_answer_hangs_on_them() -> None:
    shown, not_shown = Conclusion.B_BETTER, Conclusion.NO_DIFFERENCE_SHOWN

    assert "hangs on 1 job that" in next(about_errors(1, shown, not_shown))
    assert list(about_errors(1, shown, shown)) == []
    assert list(about_errors(0, shown, not_shown)) == []

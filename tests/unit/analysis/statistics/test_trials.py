"""What counts as a trial, and what jobs say nothing."""

from __future__ import annotations

from fractions import Fraction

import pytest

from codybatch.analysis.statistics.trials import (
    Errors,
    Health,
    Outcome,
    Trials,
    counted,
    health,
    owner,
)

OUTCOMES = {
    "b/two": [Outcome.ACCEPTED, Outcome.ERROR, Outcome.MISSING],
    "a/one": [Outcome.ACCEPTED, Outcome.REJECTED, Outcome.REJECTED],
    "c/three": [Outcome.UNJUDGED, Outcome.MISSING, Outcome.ERROR],
    "d/four": [Outcome.MISSING, Outcome.UNJUDGED],
}


def test_a_job_that_ended_in_an_error_is_not_accepted() -> None:
    assert counted(OUTCOMES) == (
        Trials("a/one", 1, 3),
        Trials("b/two", 1, 2),
        Trials("c/three", 0, 1),
    )


def test_errors_can_be_left_out_to_see_what_hangs_on_them() -> None:
    assert counted(OUTCOMES, Errors.EXCLUDED) == (Trials("a/one", 1, 3), Trials("b/two", 1, 1))


def test_what_says_nothing_is_told_by_its_cause() -> None:
    told = health(OUTCOMES)

    assert told == Health(planned=11, accepted=2, rejected=2, errors=2, unjudged=2, missing=3)
    assert told.lacking == 5


def test_a_rate_is_exact() -> None:
    assert Trials("a/b", 1, 3).rate == Fraction(1, 3)


@pytest.mark.parametrize(("accepted", "count"), [(2, 1), (-1, 3), (0, 0)])
def test_impossible_trials_are_refused(accepted: int, count: int) -> None:
    with pytest.raises(ValueError, match="a/b"):
        Trials("a/b", accepted, count)


def test_forks_belong_to_their_owner_however_it_is_written() -> None:
    assert owner("Acme/web") == owner("acme/api") != owner("acme-labs/web")

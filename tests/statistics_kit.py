"""Data for tests of statistics: the worked example that all files share, and random trials."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TypeVar

from hypothesis import settings
from hypothesis import strategies as st

from codybatch.analysis.statistics.answers import CannotBeSaid
from codybatch.analysis.statistics.trials import Outcome, Trials

# Twelve repositories, three repetitions each: of how many jobs were accepted. What must come of it
# was worked out twice, by hand and with statsmodels and scipy.
A_ACCEPTED = (3, 1, 0, 2, 1, 3, 0, 2, 1, 0, 2, 1)
B_ACCEPTED = (3, 3, 1, 3, 2, 3, 0, 3, 1, 2, 1, 3)
REPETITIONS = 3

Said = TypeVar("Said")

sampled = settings(max_examples=50, deadline=None)
"""For tests by random data: a first call imports scipy, and the machine may do other work."""


def named(at: int) -> str:
    return f"acme/r{at:03}"


def trials(accepted: Sequence[int], counts: int | Sequence[int] = REPETITIONS) -> list[Trials]:
    """An arm's trials: how many were accepted of how many, a repository each."""
    each = [counts] * len(accepted) if isinstance(counts, int) else counts
    return [
        Trials(named(at), some, count)
        for at, (some, count) in enumerate(zip(accepted, each, strict=True))
    ]


A, B = trials(A_ACCEPTED), trials(B_ACCEPTED)
DIFFERENCES = [Fraction(b - a, REPETITIONS) for a, b in zip(A_ACCEPTED, B_ACCEPTED, strict=True)]


def outcomes(
    accepted: Sequence[int], count: int = REPETITIONS, rest: Outcome = Outcome.REJECTED
) -> dict[str, list[Outcome]]:
    """An arm's outcomes by repository; those that are not accepted are ``rest``."""
    return {
        named(at): [Outcome.ACCEPTED] * some + [rest] * (count - some)
        for at, some in enumerate(accepted)
    }


def some_trials(least: int = 0, most: int = 12) -> st.SearchStrategy[list[Trials]]:
    """Repositories with 1 to 5 repetitions each, of which any number was accepted."""
    one = st.integers(1, 5).flatmap(lambda count: st.tuples(st.integers(0, count), st.just(count)))
    return st.lists(one, min_size=least, max_size=most).map(
        lambda many: trials([some for some, _ in many], [count for _, count in many])
    )


def pairs_of_trials(
    least: int = 0, most: int = 12
) -> st.SearchStrategy[tuple[list[Trials], list[Trials]]]:
    """Two arms over the same repositories."""
    return st.integers(least, most).flatmap(
        lambda size: st.tuples(some_trials(size, size), some_trials(size, size))
    )


STEPS = st.integers(-6, 6).map(lambda step: Fraction(step, 3))
"""Differences of rates, with many ties."""
AMOUNTS = st.floats(0.01, 100, allow_nan=False)
"""Dollars or seconds."""


def said(answer: Said | CannotBeSaid) -> Said:
    """The answer, which must be one."""
    assert not isinstance(answer, CannotBeSaid), answer.reason
    return answer


def unsaid(answer: object) -> str:
    """Why there is no answer, which there must not be."""
    assert isinstance(answer, CannotBeSaid), answer
    return answer.reason

"""Where the data says little or may mislead: a sentence for each such thing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from codybatch.analysis.statistics.answers import FEW, CannotBeSaid
from codybatch.analysis.statistics.conclusion import Conclusion
from codybatch.analysis.statistics.effect import Effect
from codybatch.analysis.statistics.sign_flip import least_differing
from codybatch.analysis.statistics.trials import Health

_NAMED = 5
"""Repositories that are named; of more, the number is told."""


def about_repositories(effect: Effect | CannotBeSaid, alpha: float) -> Iterator[str]:
    """Too few of them, or too few that differ."""
    if isinstance(effect, CannotBeSaid):
        return
    if 1 < effect.repositories < FEW:
        yield (
            f"Only {effect.repositories} repositories: the interval may be too narrow for what "
            "others are like."
        )
    needed, differing = least_differing(alpha), effect.sides.differing
    if effect.repositories > 1 and differing < needed:
        differ = "repository differs" if differing == 1 else "repositories differ"
        yield (
            f"Only {differing or 'no'} {differ}: with fewer than {needed} no exact test can reach "
            f"p = {alpha:g}, whatever they show."
        ).replace("Only no", "No")
    if effect.left_out:
        yield (f"{_many(effect.left_out)} left out, because a number there is not above 0.")


def about_repetitions(counts: Sequence[int]) -> Iterator[str]:
    """One only, or not the same number everywhere."""
    if not counts:
        return
    if max(counts) == 1:
        yield "One repetition each: how steady either is on one repository cannot be said."
    elif min(counts) < max(counts):
        yield (
            f"Repositories have {min(counts)} to {max(counts)} results each; all weigh the same, "
            "so those with few add more chance."
        )


def about_unpaired(only_a: Sequence[str], only_b: Sequence[str]) -> Iterator[str]:
    """Repositories that cannot be compared."""
    alone = sorted((*only_a, *only_b))
    if alone:
        names = ", ".join(alone[:_NAMED]) + (", …" if len(alone) > _NAMED else "")
        yield f"{_many(len(alone))} left out, because only one of the two has results: {names}."


def about_health(a: tuple[str, Health], b: tuple[str, Health]) -> Iterator[str]:
    """Jobs that say nothing, of each."""
    if not a[1].lacking and not b[1].lacking:
        return
    told = " and ".join(
        f"{had.lacking} of {had.planned} of {name} ({had.missing} missing, {had.unjudged} without "
        "a verdict)"
        for name, had in (a, b)
    )
    yield f"Some jobs say nothing: {told}. If that has to do with how good they are, this misleads."


def about_errors(errors: int, main: Conclusion, without: Conclusion) -> Iterator[str]:
    """Whether the answer hangs on jobs that ended in an error."""
    if errors and main is not without:
        jobs = "1 job" if errors == 1 else f"{errors} jobs"
        yield (
            f"The answer hangs on {jobs} that ended in an error and so count as not accepted: "
            f"without them it is: {without.value}."
        )


def _many(repositories: int) -> str:
    return "1 repository is" if repositories == 1 else f"{repositories} repositories are"

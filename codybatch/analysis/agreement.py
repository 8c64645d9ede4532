"""How far the raters of some jobs agree, and on which they do not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from codybatch.analysis.statistics.answers import CannotBeSaid, Interval
from codybatch.analysis.statistics.kappa import Kappa, Weights, cohens_kappa, rating_table
from codybatch.analysis.statistics.krippendorff import Alpha, Scale, krippendorffs_alpha
from codybatch.analysis.statistics.sentences import of_alpha, of_kappa
from codybatch.domain.findings import Decision, Verdict
from codybatch.domain.identifiers import Person
from codybatch.services.to_judge import JudgedJob

RATINGS = (1, 2, 3, 4, 5)
REPEATS = (
    "A repository was judged more than once: the interval is too narrow, because repetitions are "
    "not independent."
)
Measure = Kappa | Alpha | CannotBeSaid
"""Cohen's kappa of two raters, Krippendorff's alpha of more, or why there is neither."""


@dataclass(frozen=True)
class Agreement:
    """What several people thought of the same jobs."""

    raters: tuple[Person, ...]
    """By name; those who judged some of the jobs."""
    judged: int
    """Jobs with a verdict."""
    shared: int
    """Jobs with the verdicts of two people or more."""
    same: int
    """Of these, jobs that all who judged them accepted or all rejected."""
    pairs: tuple[int, int]
    """How many pairs of verdicts of one job there are, and how many of them say the same."""
    decisions: Measure
    ratings: Measure
    """1 to 5: near ones disagree less than far ones."""
    repeats: bool
    """Whether a repository was judged more than once, by several jobs: an interval is then wider
    than what is given."""
    differ: tuple[JudgedJob, ...]
    """Jobs that some accepted and others rejected, be it one or half of them."""
    tied: int
    """Of these, jobs that as many accepted as rejected."""

    @property
    def percent(self) -> float | None:
        """The part (0 to 1) of the pairs of verdicts that say the same; None without any."""
        return self.pairs[1] / self.pairs[0] if self.pairs[0] else None


def agreement(jobs: Iterable[JudgedJob]) -> Agreement:
    """How far people agree on jobs.

    Args:
        jobs: with all their verdicts; those with fewer than two say nothing of agreement.
    """
    found = [one for one in jobs if one.verdicts]
    shared = [one for one in found if len(one.verdicts) > 1]
    raters = tuple(sorted({verdict.rater for one in found for verdict in one.verdicts}))
    pairs = [
        first.decision is second.decision
        for one in shared
        for first, second in combinations(one.verdicts, 2)
    ]
    differ = tuple(one for one in shared if len({given.decision for given in one.verdicts}) > 1)
    return Agreement(
        raters=raters,
        judged=len(found),
        shared=len(shared),
        same=len(shared) - len(differ),
        pairs=(len(pairs), sum(pairs)),
        decisions=_of_decisions(shared, raters),
        ratings=_of_ratings(shared, raters),
        repeats=max(Counter(one.job.repository_id for one in shared).values(), default=0) > 1,
        differ=differ,
        tied=sum(2 * sum(map(_accepts, one.verdicts)) == len(one.verdicts) for one in differ),
    )


def in_sentences(found: Agreement) -> tuple[str, ...]:
    """What is known of it in plain words: how much was judged, how far they agree, what to mind."""
    people = f"{len(found.raters)} {'person has' if len(found.raters) == 1 else 'people have'}"
    of_jobs = f"{found.judged:,} {'job' if found.judged == 1 else 'jobs'}"
    if found.percent is None:
        said = f"{people} judged {of_jobs}, none of them twice" if found.judged else ""
        return (f"{said or 'Nobody has judged any'}: agreement takes two raters of the same job.",)
    counts = (
        f"{people} judged {of_jobs}; {found.shared:,} of them were judged by two or more, who "
        f"agree on {found.same:,}{_on_others(found)}."
    )
    return (
        counts,
        f"Of all pairs of verdicts {100 * found.percent:.0f} % say the same.",
        *measures_in_sentences(found.decisions, found.ratings, repeats=found.repeats),
    )


def measures_in_sentences(
    decisions: Measure, ratings: Measure, *, repeats: bool
) -> tuple[str, ...]:
    """How far raters agree beyond chance, in the words of every face.

    Args:
        decisions: of accept and reject.
        ratings: of 1 to 5.
        repeats: whether a repository was judged more than once.
    """
    told = (f"Accept or reject: {_sentence(decisions)}", f"Ratings: {_sentence(ratings)}")
    return (*told, REPEATS) if repeats and _has_interval(decisions, ratings) else told


def _of_decisions(shared: Sequence[JudgedJob], raters: Sequence[Person]) -> Measure:
    if len(raters) != 2:
        numbered = list(Decision)
        units = [[numbered.index(given.decision) for given in one.verdicts] for one in shared]
        return krippendorffs_alpha(units, Scale.NOMINAL)
    sides = [[_given(one, rater) for one in shared] for rater in raters]
    first, second = ([one.decision if one else None for one in side] for side in sides)
    return cohens_kappa(rating_table(first, second, list(Decision)))


def _of_ratings(shared: Sequence[JudgedJob], raters: Sequence[Person]) -> Measure:
    if len(raters) != 2:
        units = [[given.rating for given in one.verdicts] for one in shared]
        return krippendorffs_alpha(units, Scale.ORDINAL)
    sides = [[_given(one, rater) for one in shared] for rater in raters]
    first, second = ([one.rating if one else None for one in side] for side in sides)
    return cohens_kappa(rating_table(first, second, RATINGS), Weights.QUADRATIC)


def _given(one: JudgedJob, rater: Person) -> Verdict | None:
    return next((given for given in one.verdicts if given.rater == rater), None)


def _accepts(given: Verdict) -> bool:
    return given.decision is Decision.ACCEPT


def _on_others(found: Agreement) -> str:
    if not found.differ:
        return ""
    halves = f", on {found.tied:,} of these one half against the other"
    told = halves if len(found.raters) > 2 else ""  # two who disagree are always tied
    return f" and disagree on {len(found.differ):,}{told}"


def _sentence(of: Measure) -> str:
    return of_kappa(of) if isinstance(of, Kappa) else of_alpha(of)


def _has_interval(*measures: Measure) -> bool:
    return any(isinstance(one, Kappa) and isinstance(one.interval, Interval) for one in measures)

"""What each arm came to by itself."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import fsum
from statistics import median

from codybatch.analysis.gathering.judging import (
    outcomes_of,
    ratings_of,
    said_by,
)
from codybatch.analysis.gathering.material import Contender, Material
from codybatch.analysis.gathering.patches import Patches, hits_together, repeats_of
from codybatch.analysis.report.arms import (
    Amounts,
    ArmHealth,
    ArmSummary,
    Failure,
    Ratings,
    Tokens,
)
from codybatch.analysis.statistics import necessity
from codybatch.analysis.statistics.acceptance import acceptance
from codybatch.analysis.statistics.clusters import Clusters
from codybatch.analysis.statistics.cost_per_accepted import Spent, cost_per_accepted
from codybatch.analysis.statistics.pairs import means
from codybatch.analysis.statistics.passes import passes
from codybatch.analysis.statistics.trials import Outcome, counted, owner
from codybatch.domain.identifiers import JobId
from codybatch.domain.jobs import Job, Patch
from codybatch.domain.money import NOTHING
from codybatch.domain.states import ENDINGS, EndedBecause
from codybatch.domain.unsaid import CannotBeSaid
from codybatch.services.patch_likeness import Hits

_NOT_LOOKED = CannotBeSaid("Patches were not looked at.")


def summary_of(
    contender: Contender,
    material: Material,
    patches: Patches | None,
    hits: Mapping[tuple[str, int], Hits | CannotBeSaid],
) -> ArmSummary:
    """An arm by itself.

    Args:
        contender: the arm.
        material: all that is compared.
        patches: reads patches; None where these are not looked at.
        hits: of its jobs, as far as there are reference patches.
    """
    trials = counted(outcomes_of(contender))
    names = [one.repository for one in trials]
    clusters: Clusters | None = [owner(one) for one in names]
    clusters = clusters if material.clustered_by_owner else None
    jobs = [job for _, tried in contender.every() if (job := tried.ended)]
    said = said_by(contender)
    usages = [job.usage for job in jobs]
    return ArmSummary(
        arm=contender.name,
        health=health_of(contender),
        acceptance=acceptance(trials, clusters),
        passes=tuple(
            passes(trials, attempts, clusters) for attempts in range(1, material.repetitions + 1)
        ),
        ratings=_ratings(contender),
        necessity=necessity.against_truth(
            {name: each for name, each in said.items() if each}, material.truth
        ),
        steadiness=necessity.steadiness(said),
        repeats=repeats_of(contender, patches) if patches else _NOT_LOOKED,
        hits=hits_together(hits) if patches else _NOT_LOOKED,
        cost=_amounts([float(job.cost_usd) for job in jobs]),
        cost_per_accepted=cost_per_accepted(spent_by(contender)),
        seconds=_amounts([job.seconds_worked for job in jobs]),
        lines=_amounts([float(one.additions + one.deletions) for one in _patches_of(jobs)]),
        tokens=Tokens(
            input=sum(one.input_tokens for one in usages),
            cached=sum(one.cache_read_tokens for one in usages),
            output=sum(one.output_tokens for one in usages),
        ),
        gate_findings=sum(bool(job.gate) for job in jobs),
        does_not_apply=sum(map(_does_not_apply, jobs)),
    )


def health_of(contender: Contender) -> ArmHealth:
    """What became of an arm's planned jobs."""
    every = [tried for _, tried in contender.every()]
    outcomes = Counter(tried.outcome for tried in every)
    running = sum(tried.job is not None and not tried.job.state.is_terminal for tried in every)
    failed: dict[EndedBecause, list[JobId]] = defaultdict(list)
    for tried in every:
        job = tried.ended
        if job is not None and tried.outcome is Outcome.ERROR:
            failed[job.ended_because or EndedBecause.INTERNAL_ERROR].append(job.id)
    failures = [
        Failure(cause, ENDINGS[cause].sentence, tuple(jobs)) for cause, jobs in failed.items()
    ]
    return ArmHealth(
        planned=len(every),
        accepted=outcomes[Outcome.ACCEPTED],
        rejected=outcomes[Outcome.REJECTED],
        failed=outcomes[Outcome.ERROR],
        unjudged=outcomes[Outcome.UNJUDGED],
        running=running,
        missing=outcomes[Outcome.MISSING] - running,
        disputed=sum(tried.votes.is_disputed for tried in every),
        failures=tuple(sorted(failures, key=lambda one: (-len(one.jobs), one.cause))),
    )


def spent_by(contender: Contender) -> list[Spent]:
    """What an arm's jobs cost on each repository, and how many of them were accepted."""
    return [
        Spent(
            name,
            float(sum((job.cost_usd for tried in each if (job := tried.ended)), NOTHING)),
            sum(tried.outcome is Outcome.ACCEPTED for tried in each),
        )
        for name, each in sorted(contender.tried.items())
    ]


def _ratings(contender: Contender) -> Ratings | CannotBeSaid:
    each = means(ratings_of(contender))
    if not each:
        return CannotBeSaid("Nobody rated its jobs.")
    given = Counter(verdict.rating for _, tried in contender.every() for verdict in tried.verdicts)
    counts = (given[1], given[2], given[3], given[4], given[5])
    return Ratings(float(sum(each.values(), Fraction()) / len(each)), counts)


def _amounts(values: Sequence[float]) -> Amounts | CannotBeSaid:
    if not values:
        return CannotBeSaid("No such job has ended.")
    total = fsum(values)
    return Amounts(
        jobs=len(values),
        total=total,
        mean=total / len(values),
        median=median(values),
        least=min(values),
        most=max(values),
    )


def _patches_of(jobs: Sequence[Job]) -> list[Patch]:
    return [job.patch for job in jobs if job.patch is not None]


def _does_not_apply(job: Job) -> bool:
    is_shown = job.patch is not None and not job.patch.applies
    return is_shown or job.ended_because is EndedBecause.PATCH_DOES_NOT_APPLY

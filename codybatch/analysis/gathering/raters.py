"""How far raters agree on the jobs that several of them judged."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

from codybatch.analysis.agreement import RATINGS, agreement
from codybatch.analysis.gathering.material import Material
from codybatch.analysis.report.contents import RaterAgreement, RaterPair
from codybatch.analysis.statistics.kappa import Weights, cohens_kappa, rating_table
from codybatch.domain.findings import Decision, Verdict
from codybatch.services.to_judge import JudgedJob

MOST_PAIRS = 45
"""Pairs that are told: those of ten raters."""


def rater_agreement(material: Material) -> RaterAgreement:
    """How far they agree, over all jobs of all arms."""
    judged = {
        tried.job.id: JudgedJob(tried.job, tried.verdicts)
        for contender in material.contenders
        for _, tried in contender.every()
        if tried.job is not None and tried.verdicts
    }
    found = agreement(judged.values())
    every = [given for one in judged.values() for given in one.verdicts]
    by_rater: dict[str, dict[str, Verdict]] = {rater: {} for rater in found.raters}
    for one in every:
        by_rater[one.rater][one.job] = one
    pairs = [
        pair
        for one, other in combinations(found.raters, 2)
        if (pair := _pair((one, by_rater[one]), (other, by_rater[other]))).both
    ]
    return RaterAgreement(
        raters=found.raters,
        judged=found.judged,
        by_several=found.shared,
        differ=len(found.differ),
        disputed=found.tied,
        blind=sum(one.blind for one in every),
        verdicts=len(every),
        decisions=found.decisions,
        ratings=found.ratings,
        repeats=found.repeats,
        pairs=tuple(sorted(pairs, key=lambda one: -one.both)[:MOST_PAIRS]),
    )


def _pair(
    one: tuple[str, Mapping[str, Verdict]], other: tuple[str, Mapping[str, Verdict]]
) -> RaterPair:
    both = sorted(one[1].keys() & other[1].keys())
    first, second = ([said[job] for job in both] for said in (one[1], other[1]))
    decisions = rating_table(
        [v.decision for v in first], [v.decision for v in second], tuple(Decision)
    )
    ratings = rating_table([v.rating for v in first], [v.rating for v in second], RATINGS)
    return RaterPair(
        one=one[0],
        other=other[0],
        both=len(both),
        decisions=cohens_kappa(decisions),
        ratings=cohens_kappa(ratings, Weights.QUADRATIC),
    )

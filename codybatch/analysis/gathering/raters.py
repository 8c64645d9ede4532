"""How far raters agree on the jobs that several of them judged."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

from codybatch.analysis.gathering.material import Material
from codybatch.analysis.gathering.tried import votes_of
from codybatch.analysis.report.contents import RaterAgreement, RaterPair
from codybatch.analysis.statistics.kappa import Weights, cohens_kappa, rating_table
from codybatch.analysis.statistics.krippendorff import Scale, krippendorffs_alpha
from codybatch.domain.findings import Decision, Verdict

MOST_PAIRS = 45
"""Pairs that are told: those of ten raters."""
_GRADES = (1, 2, 3, 4, 5)


def rater_agreement(material: Material) -> RaterAgreement:
    """How far they agree, over all jobs of all arms."""
    by_job = {
        tried.job.id: tried.verdicts
        for contender in material.contenders
        for _, tried in contender.every()
        if tried.job is not None and tried.verdicts
    }
    every = [one for verdicts in by_job.values() for one in verdicts]
    raters = sorted({one.rater for one in every})
    by_rater: dict[str, dict[str, Verdict]] = {rater: {} for rater in raters}
    for one in every:
        by_rater[one.rater][one.job] = one
    several = [each for each in by_job.values() if len(each) > 1]
    accepted = [[int(one.decision is Decision.ACCEPT) for one in each] for each in by_job.values()]
    ratings = [[one.rating for one in each] for each in by_job.values()]
    pairs = [
        pair
        for one, other in combinations(raters, 2)
        if (pair := _pair((one, by_rater[one]), (other, by_rater[other]))).both
    ]
    return RaterAgreement(
        raters=tuple(raters),
        judged=len(by_job),
        by_several=len(several),
        disputed=sum(votes_of(each).is_disputed for each in several),
        blind=sum(one.blind for one in every),
        verdicts=len(every),
        decisions=krippendorffs_alpha(accepted, Scale.NOMINAL),
        ratings=krippendorffs_alpha(ratings, Scale.ORDINAL),
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
    ratings = rating_table([v.rating for v in first], [v.rating for v in second], _GRADES)
    return RaterPair(
        one=one[0],
        other=other[0],
        both=len(both),
        decisions=cohens_kappa(decisions),
        ratings=cohens_kappa(ratings, Weights.QUADRATIC),
    )

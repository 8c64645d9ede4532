"""Whatever arms come to beside the baseline reads right, and claims no more than was tested."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from codybatch.analysis.gathering.concluding import Concluded
from codybatch.analysis.statistics.comparison import Comparison, Question, compare_acceptance
from codybatch.analysis.statistics.conclusion import Conclusion
from codybatch.analysis.statistics.plan import Plan
from codybatch.domain.experiments import Metric
from tests.contracts.examples import NOON
from tests.statistics_kit import A_ACCEPTED, outcomes

KINDS = {
    "+": Conclusion.B_BETTER,
    "-": Conclusion.A_BETTER,
    "=": Conclusion.NO_DIFFERENCE_SHOWN,
    "?": Conclusion.CANNOT_BE_SAID,
    "…": Conclusion.NOT_YET,
}
OPEN, SAME, STANDS = "Not decided", "No difference shown", "Baseline stands"
ONE, BASELINE = "A is better than old", "old (baseline) is better than A"
TWO_THE_SAME = "no difference to old shown for C and D"
BOTH = (
    "{} are better than old. Of those that are better {} differs most; whether it is better than "
    "the others was not tested."
)


def concluded(kinds: str) -> Concluded:
    """Of arms A, B, … beside ``old``, a sign each; the further back, the larger the difference."""
    question = Question(Plan(Metric.ACCEPTED, NOON), unfinished=0)

    def one(place: int, conclusion: Conclusion) -> Comparison:
        better = [min(3, some + (at <= place)) for at, some in enumerate(A_ACCEPTED)]
        told = compare_acceptance(
            ("old", outcomes(A_ACCEPTED)), ("ABCDEF"[place], outcomes(better)), question
        )
        return replace(told, conclusion=conclusion)

    return Concluded("old", [one(place, KINDS[kind]) for place, kind in enumerate(kinds)])


@pytest.mark.parametrize(
    ("kinds", "badge", "brief", "sentence"),
    [
        ("+", "Better: A", "A is better than old", "A is better than old."),
        ("-", "Better: old", "A did worse", "old (baseline) is better than A."),
        ("=", SAME, SAME.lower(), "No difference shown between old and A."),
        ("?", OPEN, "", "Nothing can be concluded: the results do not allow a comparison."),
        ("…", OPEN, "", "Of A nothing is concluded yet."),
        ("++", "Better: A and B", "A and B are better than old", BOTH.format("A and B", "B")),
        ("+-", "Better: A", "A is better than old", f"{ONE}; B did worse."),
        ("+=", "Better: A", "A is better than old", f"{ONE}; {SAME.lower()} between old and B."),
        ("+?", "Better: A", "A is better than old", f"{ONE}; of B nothing can be said."),
        ("+…", "Better: A", "A is better than old", f"{ONE}; of B nothing is concluded yet."),
        ("--", "Better: old", "A and B did worse", "old (baseline) is better than A and B."),
        ("-=", STANDS, "A did worse", f"{BASELINE}; no difference shown to B."),
        ("-?", STANDS, "A did worse", f"{BASELINE}; of B nothing can be said."),
        ("-…", STANDS, "A did worse", f"{BASELINE}; of B nothing is concluded yet."),
        ("==", SAME, SAME.lower(), "No difference to old shown for A and B."),
        ("=?", OPEN, "", f"{SAME} between old and A; of B nothing can be said."),
        ("?…", OPEN, "", "Of A nothing can be said; of B nothing is concluded yet."),
        ("+-==", "Better: A", "A is better than old", f"{ONE}; B did worse; {TWO_THE_SAME}."),
        ("+++", "Better: 3 arms", "3 arms are better than old", BOTH.format("A, B and C", "C")),
        ("------", "Better: old", "6 arms did worse", "old (baseline) is better than 6 arms."),
    ],
)
def test_every_combination_reads_right(kinds: str, badge: str, brief: str, sentence: str) -> None:
    found = concluded(kinds)

    assert (found.badge, found.brief, found.sentence) == (badge, brief, sentence)


@pytest.mark.parametrize("kinds", ["".join(one) for one in product(KINDS, repeat=3)])
def test_no_combination_of_three_hides_what_is_shown_or_leaves_an_arm_out(kinds: str) -> None:
    found = concluded(kinds)

    is_shown = "+" in kinds or "-" in kinds
    assert (found.badge in {OPEN, SAME}) is not is_shown
    assert ("better" in found.sentence) is is_shown
    assert ("old (baseline) is better" in found.sentence) is ("-" in kinds and "+" not in kinds)
    assert (found.winner == "old") is (kinds == "---")
    if kinds != "???":
        assert all(arm in found.sentence.split(".")[0] for arm in "ABC")
    assert found.sentence.endswith(".")
    assert ".." not in found.sentence

"""How far raters agree on jobs: against published figures, and where little can be said."""

from __future__ import annotations

import subprocess
import sys

import pytest

from codybatch.analysis.agreement import Agreement, agreement, in_sentences
from codybatch.analysis.statistics.answers import CannotBeSaid, Interval
from codybatch.analysis.statistics.kappa import Kappa
from codybatch.analysis.statistics.krippendorff import Alpha
from codybatch.domain.findings import Decision, Verdict
from codybatch.domain.identifiers import JobId, Person
from codybatch.services.to_judge import JudgedJob
from tests.contracts.examples import NOON, a_request, jobs_of

(JOB,) = jobs_of(a_request())


def judged(number: int, verdicts: str, repository: str = "") -> JudgedJob:
    """A job with verdicts such as ``a+5 b-``: rater, decision, rating."""
    job = JOB.with_(id=JobId(f"{JOB.request}-{number}"), repository_id=repository or f"r{number}")
    return JudgedJob(job, tuple(_verdict(job.id, *one) for one in verdicts.split()))


def _verdict(job: JobId, rater: str, decision: str, rating: str = "") -> Verdict:
    return Verdict(
        job=job,
        rater=Person(rater),
        decision=Decision.ACCEPT if decision == "+" else Decision.REJECT,
        rating=int(rating) if rating else None,
        at=NOON,
    )


def of(*verdicts: str) -> Agreement:
    return agreement(judged(number, one) for number, one in enumerate(verdicts, 1))


def test_two_raters_are_compared_by_cohens_kappa() -> None:
    """The table [[20, 5], [4, 31]]: kappa .6897 (.503 to .876)."""
    found = of(*["a+ b+"] * 20, *["a+ b-"] * 5, *["a- b+"] * 4, *["a- b-"] * 31, "a+", "b-")

    assert isinstance(found.decisions, Kappa)
    assert found.decisions.value == pytest.approx(0.6897, abs=1e-4)
    assert isinstance(found.decisions.interval, Interval)
    assert found.decisions.interval.low == pytest.approx(0.503, abs=1e-3)
    assert (found.judged, found.shared, found.same) == (62, 60, 51)
    assert found.percent == 51 / 60
    assert isinstance(found.ratings, CannotBeSaid)
    said = in_sentences(found)
    assert said[0] == (
        "2 people have judged 62 jobs; 60 of them were judged by two or more, who agree on 51 and "
        "disagree on 9."
    )
    assert said[1] == "Of all pairs of verdicts 85 % say the same."
    assert "Cohen's kappa is 0.69, 95 % interval 0.50 to 0.88, over 60 that both judged" in said[2]


def test_ratings_that_are_near_disagree_less() -> None:
    near = of("a+5 b+4", "a+4 b+5", "a-1 b-1", "a-2 b-1")
    far = of("a+5 b+1", "a+1 b+5", "a-1 b-1", "a-2 b-1")

    assert isinstance(near.ratings, Kappa)
    assert isinstance(far.ratings, Kappa)
    assert near.ratings.value > 0.7 > far.ratings.value


def test_three_raters_are_compared_by_krippendorffs_alpha() -> None:
    """By hand: of 10 verdicts 6 accept and 4 reject, and one pair of them disagrees."""
    found = of("a+ b+ c+", "a- b- c-", "a+ b+", "b- c+")

    assert isinstance(found.decisions, Alpha)
    assert found.decisions.value == pytest.approx(1 - 9 * 2 / (2 * 6 * 4))
    assert found.percent == 7 / 8
    assert [one.job.id for one in found.differ] == [f"{JOB.request}-4"]
    assert "Krippendorff's alpha is 0.62 over 4 judged" in in_sentences(found)[2]


def test_a_job_on_which_some_differ_is_listed_with_all_its_verdicts() -> None:
    found = of("a+ b+", "a+ b- c+")

    (job,) = found.differ
    assert [verdict.rater for verdict in job.verdicts] == ["a", "b", "c"]
    assert found.same == 1


@pytest.mark.parametrize(
    ("verdicts", "said"),
    [
        ((), "Nobody has judged any"),
        (("a+", "a-"), "1 person has judged 2 jobs, none of them twice"),
        (("a+", "b-"), "2 people have judged 2 jobs, none of them twice"),
    ],
)
def test_without_two_raters_of_a_job_nothing_is_made_up(
    verdicts: tuple[str, ...], said: str
) -> None:
    found = of(*verdicts)

    assert found.percent is None
    assert isinstance(found.decisions, CannotBeSaid)
    assert in_sentences(found) == (f"{said}: agreement takes two raters of the same job.",)


def test_raters_who_always_say_the_same_one_thing_have_no_kappa() -> None:
    found = of("a+ b+", "a+ b+")

    assert found.percent == 1
    assert isinstance(found.decisions, CannotBeSaid)
    assert "nothing tells it from chance" in in_sentences(found)[2]


def test_repetitions_of_a_repository_are_no_independent_things_and_that_is_said() -> None:
    verdicts = [*["a+ b+"] * 5, "a- b-", "a+ b-"]
    alone = agreement(judged(number, one) for number, one in enumerate(verdicts, 1))
    again = agreement(judged(number, one, "same") for number, one in enumerate(verdicts, 1))

    assert not any("repetitions" in said for said in in_sentences(alone))
    assert any("the interval is too narrow" in said for said in in_sentences(again))


def test_it_needs_nothing_that_is_slow_to_load() -> None:
    code = "import sys, codybatch.analysis.agreement; print({'scipy', 'pandas'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "set()\n"


def test_one_against_many_is_a_disagreement_and_only_halves_are_a_tie() -> None:
    found = of("a+ b+ c-", "a+ b- c+ d-", "a+ b+", "a+ b-")

    assert [len(one.verdicts) for one in found.differ] == [3, 4, 2]
    assert found.tied == 2
    assert (
        "agree on 1 and disagree on 3, on 2 of these one half against the other"
        in (in_sentences(found)[0])
    )

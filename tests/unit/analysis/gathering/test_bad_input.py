"""What is recorded is rarely whole: it is said plainly, and no number is made up."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from math import isfinite
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codybatch.analysis.agreement import agreement, in_sentences, measures_in_sentences
from codybatch.analysis.display.comparison import comparison_html, comparison_text
from codybatch.analysis.gathering.gather import gather
from codybatch.analysis.gathering.material import Material, Subject
from codybatch.analysis.gathering.tried import Tried
from codybatch.analysis.report.contents import Report
from codybatch.analysis.report_files.closing import rater_sentences
from codybatch.analysis.report_files.html import Wanted, html_of
from codybatch.analysis.report_files.markdown import markdown_of
from codybatch.analysis.statistics.answers import CannotBeSaid
from codybatch.analysis.statistics.conclusion import Conclusion
from codybatch.analysis.statistics.kappa import Kappa
from codybatch.analysis.statistics.trials import Outcome
from codybatch.domain.errors import BlobMissing
from codybatch.domain.experiments import Metric
from codybatch.domain.jobs import Patch
from codybatch.domain.states import EndedBecause, JobState
from codybatch.domain.threads import BlobRef
from codybatch.services.to_judge import JudgedJob
from codybatch.ui.experiments.matrix import mark_of
from tests.contracts.examples import a_patch
from tests.report_kit import (
    ACCEPT,
    REJECT,
    a_material,
    accepted_so_often,
    an_arm,
    an_ended,
    as_they_are,
    judged,
    reported,
    the_oracle,
)
from tests.statistics_kit import A_ACCEPTED, B_ACCEPTED, named, said, sampled, unsaid
from tests.ui_kit import DIFF


def numbers_of(thing: object) -> Iterator[float]:
    """Every number with a point that a report holds, however deep."""
    if isinstance(thing, float):
        yield thing
    elif is_dataclass(thing) and not isinstance(thing, type):
        for field in fields(thing):
            yield from numbers_of(getattr(thing, field.name))
    elif isinstance(thing, tuple | list | frozenset):
        for one in thing:
            yield from numbers_of(one)


def sound(report: Report) -> Report:
    """The report, every number of which is one."""
    assert all(isfinite(number) for number in numbers_of(report))
    return report


def vanished(repository: str, repetition: int = 1) -> Tried:
    job = an_ended(repository, EndedBecause.REPOSITORY_UNAVAILABLE, cost_usd="0")
    return Tried(repetition, job)


def test_a_repository_that_vanished_between_repetitions_counts_as_failed_and_is_named() -> None:
    material = a_material(
        accepted_so_often("plain", [0] * 8),
        an_arm(
            "hints",
            {
                **{named(at): [judged(an_ended(named(at)), ACCEPT)] * 3 for at in range(7)},
                named(7): [judged(an_ended(named(7)), ACCEPT), *[vanished(named(7), 2)] * 2],
            },
        ),
    )

    report = sound(reported(material))

    hints = report.arms[1].health
    assert (hints.accepted, hints.failed) == (22, 2)
    (failure,) = hints.failures
    assert failure.cause is EndedBecause.REPOSITORY_UNAVAILABLE
    assert failure.sentence == "The repository could not be cloned."
    assert report.upshot.winner == "hints"
    row = next(row for row in report.matrix if row.repository == named(7))
    assert row.of("hints").count(Outcome.ERROR) == 2


def test_where_the_answer_hangs_on_failed_cells_a_caution_says_so() -> None:
    failed = [Tried(1, an_ended(named(at), EndedBecause.INTERNAL_ERROR)) for at in range(7)]
    good = {named(at): [judged(an_ended(named(at)), ACCEPT)] for at in range(12)}
    material = a_material(
        an_arm("plain", good),
        an_arm("hints", {**good, **{named(at): [one] for at, one in enumerate(failed)}}),
    )

    report = sound(reported(material))

    assert report.upshot.winner == "plain"
    assert any("hangs on 7 jobs that ended in an error" in one for one in report.cautions)


def test_the_majority_of_raters_decides_and_a_tie_is_shown_by_one_sign_everywhere() -> None:
    job = an_ended(named(0))
    material = a_material(
        an_arm("plain", {named(0): [judged(job, ACCEPT, ACCEPT, REJECT)]}),
        an_arm("hints", {named(0): [judged(job, ACCEPT, REJECT, blind=True)]}),
    )

    report = sound(reported(material))

    (row,) = report.matrix
    (agreed,), (tied,) = row.of("plain").cells, row.of("hints").cells
    assert (agreed.outcome, agreed.is_disputed) == (Outcome.ACCEPTED, False)
    assert (tied.outcome, tied.is_disputed) == (Outcome.REJECTED, True)
    assert (tied.accepts, tied.rejects) == (1, 1)
    assert all(one.blind for one in tied.verdicts)
    assert report.arms[1].health.disputed == 1
    assert (report.raters.differ, report.raters.disputed) == (1, 1)
    assert report.raters.blind == 2
    assert any(one.startswith("On 1 job raters were tied;") for one in report.cautions)
    assert any("the majority decides" in one for one in report.methods)
    pages = (
        html_of(report, str, Wanted()).decode(),
        markdown_of(report, str).decode(),
        comparison_html(report),
        comparison_text(report),
        mark_of(tied).sign + mark_of(tied).word,
    )
    assert all("±" in one and "raters are tied" in one for one in pages)
    assert ' title="1: raters are tied">±</' in pages[0]


def test_where_the_answer_hangs_on_what_raters_did_not_agree_on_a_caution_says_so() -> None:
    good = {named(at): [judged(an_ended(named(at)), ACCEPT)] for at in range(12)}
    tied = {named(at): [judged(an_ended(named(at)), ACCEPT, REJECT)] for at in range(7)}
    material = a_material(an_arm("plain", good), an_arm("hints", {**good, **tied}))

    report = sound(reported(material))

    assert report.upshot.winner == "plain"
    assert (
        "On 7 jobs raters were tied; a tie counts as not accepted. Without these it is: no "
        "difference shown."
    ) in report.cautions


def test_raters_who_always_disagree_are_told_to() -> None:
    tried = {named(at): [judged(an_ended(named(at)), ACCEPT, REJECT)] for at in range(4)}
    material = a_material(an_arm("plain", tried), an_arm("hints", tried))

    raters = sound(reported(material)).raters

    # Cohen 1960: both margins are constant, so chance agrees as seldom as they do.
    assert isinstance(raters.decisions, Kappa)
    assert raters.decisions.value == 0
    (pair,) = raters.pairs
    assert (pair.one, pair.other, pair.both) == ("alice", "bob", 4)


def test_one_repository_only_gives_no_answer() -> None:
    material = a_material(accepted_so_often("plain", [0]), accepted_so_often("hints", [3]))

    report = sound(reported(material))

    assert report.upshot.winner is None
    assert report.upshot.sentence == (
        "Nothing can be concluded: the results do not allow a comparison."
    )
    assert "one repository only" in unsaid(said(report.arms[0].acceptance).interval)
    assert report.against_baseline[0].comparisons[0].conclusion is Conclusion.CANNOT_BE_SAID


def test_without_verdicts_nothing_is_compared_but_what_can_be() -> None:
    tried = {named(at): [Tried(1, an_ended(named(at)))] for at in range(8)}
    material = a_material(an_arm("plain", tried), an_arm("hints", tried))

    report = sound(reported(material))

    assert report.unfinished == 16
    assert report.upshot.sentence == (
        "Nothing is concluded yet: 16 jobs are not finished or not judged."
    )
    deciding, *others = report.against_baseline[0].comparisons
    assert isinstance(deciding.effect, CannotBeSaid)
    assert {one.metric for one in others} == {Metric.COST, Metric.DURATION}
    assert said(others[0].effect).value == 1
    assert unsaid(report.arms[0].ratings) == "Nobody rated its jobs."
    assert unsaid(report.arms[0].cost_per_accepted).startswith("Nothing was accepted")
    assert unsaid(report.raters.decisions) == "Nothing was rated by two raters."


def test_ties_everywhere_show_no_difference_and_no_interval_of_nothing() -> None:
    material = a_material(
        accepted_so_often("plain", [2] * 12), accepted_so_often("hints", [2] * 12)
    )

    report = sound(reported(material))

    assert report.upshot.sentence == "No difference shown between plain and hints."
    comparison = report.against_baseline[0].comparisons[0]
    bounds = said(said(comparison.effect).interval)
    assert bounds.low < 0 < bounds.high
    assert any(one.startswith("No repositories differ") for one in report.cautions)
    assert report.against_baseline[0].equal == tuple(named(at) for at in range(12))
    assert report.against_baseline[0].disagreements == ()


def test_while_it_goes_on_what_is_missing_is_waited_for_and_afterwards_it_is_not() -> None:
    b = accepted_so_often("hints", B_ACCEPTED)
    short = {**b.tried, named(0): (*b.tried[named(0)][:2], Tried(3, None))}
    arms = accepted_so_often("plain", A_ACCEPTED), an_arm("hints", short)

    going_on = sound(reported(a_material(*arms, more_to_come=True)))
    stopped = sound(reported(a_material(*arms)))

    assert going_on.unfinished == 1
    assert going_on.upshot.sentence == (
        "Nothing is concluded yet: 1 job is not finished or not judged."
    )
    assert isinstance(said(going_on.against_baseline[0].comparisons[0].effect).p, CannotBeSaid)
    assert stopped.unfinished == 0
    assert stopped.arms[1].health.missing == 1
    assert any("1 of 36 of hints (1 missing" in one for one in stopped.cautions)


def test_a_repository_that_cannot_be_worked_on_is_not_waited_for() -> None:
    a, b = accepted_so_often("plain", A_ACCEPTED), accepted_so_often("hints", B_ACCEPTED)
    gone = {**b.tried, named(0): (Tried(1, None, unavailable="It was deleted."),) * 3}

    report = sound(reported(a_material(a, an_arm("hints", gone), more_to_come=True)))

    assert report.unfinished == 0
    assert report.against_baseline[0].not_compared == (named(0),)
    assert any("only one of the two has results: acme/r000" in one for one in report.cautions)


def test_a_job_that_a_person_cancelled_says_nothing() -> None:
    cancelled = an_ended(named(0), EndedBecause.CANCELLED, JobState.CANCELLED)
    a, b = accepted_so_often("plain", [0] * 7), accepted_so_often("hints", [3] * 7)
    tried = {**b.tried, named(0): (*b.tried[named(0)][:2], Tried(3, cancelled))}

    report = sound(reported(a_material(a, an_arm("hints", tried))))

    assert report.unfinished == 0
    assert (report.arms[1].health.missing, report.arms[1].health.failed) == (1, 0)
    assert said(report.arms[1].acceptance).value == 1


def test_no_repository_in_common_is_said_so() -> None:
    plain = an_arm("plain", {"acme/one": [judged(an_ended("acme/one"), ACCEPT)]})
    hints = an_arm("hints", {"acme/two": [judged(an_ended("acme/two"), ACCEPT)]})

    report = sound(reported(a_material(plain, hints)))

    assert report.upshot.winner is None
    assert report.against_baseline[0].comparisons[0].sentence == (
        "It cannot be said how hints compares with plain: no repository has verdicts on both."
    )
    assert unsaid(report.against_baseline[0].cost_ratio) == ("Both have no repository in common.")


def test_a_patch_that_cannot_be_read_is_counted_and_says_nothing() -> None:
    def read(_: BlobRef) -> bytes:
        raise BlobMissing("It is gone.")

    def with_patch(name: str, number: int) -> Tried:
        blob = BlobRef(key=f"{name}/{number}", size=1, sha256=f"{number:064}")
        patch = a_patch().with_(blob=blob)
        return judged(an_ended(name, patch=patch), ACCEPT, repetition=number)

    tried = {named(0): [with_patch(named(0), 1), with_patch(named(0), 2)]}
    material = a_material(an_arm("plain", tried), an_arm("hints", tried))

    report = sound(gather(material, as_they_are, read))

    assert unsaid(report.arms[0].repeats) == (
        "No repository has two repetitions with a result to compare."
    )
    assert any("2 patches could not be read" in one for one in report.cautions)


def test_repetitions_are_compared_by_their_patches_and_with_the_reference() -> None:
    contents = {"0" * 64: DIFF, "1" * 64: DIFF.replace(b"timezone.utc", b"UTC")}

    def read(blob: BlobRef) -> bytes:
        return contents[blob.sha256]

    def patch(digest: str) -> Patch:
        return a_patch().with_(blob=BlobRef(key=digest, size=1, sha256=digest * 64))

    tried = {
        named(0): [
            judged(an_ended(named(0), patch=patch(one)), ACCEPT, repetition=turn)
            for turn, one in enumerate("01", 1)
        ]
    }
    reference = Subject(named(0), reference=patch("0").blob)
    material = a_material(an_arm("plain", tried), an_arm("hints", tried), subjects=(reference,))

    report = sound(gather(material, as_they_are, read))

    repeats = said(report.arms[0].repeats)
    assert (repeats.repositories, repeats.same_files) == (1, 1.0)
    assert repeats.lines == pytest.approx(1 / 3)
    together = said(report.arms[0].hits)
    assert (together.jobs, together.files, together.hunks) == (2, 1.0, 1.0)


def test_the_worked_example_is_as_it_was_whatever_the_order_of_its_jobs() -> None:
    material = the_oracle()
    turned = tuple(
        an_arm(one.name, dict(reversed(list(one.tried.items())))) for one in material.contenders
    )

    assert reported(a_material(*turned)).against_baseline == reported(material).against_baseline


def a_tried() -> st.SearchStrategy[Any]:
    """What may become of one repetition."""
    return st.sampled_from(
        ["accepted", "rejected", "tied", "unjudged", "failed", "cancelled", "running", "missing"]
    )


def made(what: str, repository: str, repetition: int) -> Tried:
    job = an_ended(repository)
    return {
        "accepted": lambda: judged(job, ACCEPT, repetition=repetition, rating=5),
        "rejected": lambda: judged(job, REJECT, repetition=repetition),
        "tied": lambda: judged(job, ACCEPT, REJECT, repetition=repetition, rating=3),
        "unjudged": lambda: Tried(repetition, job),
        "failed": lambda: Tried(repetition, an_ended(repository, EndedBecause.REFUSED)),
        "cancelled": lambda: Tried(
            repetition, an_ended(repository, EndedBecause.CANCELLED, JobState.CANCELLED)
        ),
        "running": lambda: Tried(repetition, job.with_(state=JobState.RUNNING, ended_at=None)),
        "missing": lambda: Tried(repetition, None),
    }[what]()


@sampled
@given(
    st.lists(
        st.lists(st.lists(a_tried(), max_size=3), min_size=1, max_size=5), min_size=2, max_size=3
    ),
    st.sampled_from(Metric),
    st.booleans(),
)
def test_whatever_became_of_jobs_every_number_is_one_and_the_counts_add_up(
    arms: list[list[list[str]]], metric: Metric, more_to_come: bool
) -> None:
    contenders = [
        an_arm(
            f"arm {at}",
            {
                named(place): [made(one, named(place), turn) for turn, one in enumerate(each, 1)]
                for place, each in enumerate(arm)
            },
        )
        for at, arm in enumerate(arms)
    ]
    material: Material = a_material(*contenders, metric=metric, more_to_come=more_to_come)

    report = sound(reported(material))

    json.dumps([report.upshot.sentence, report.cautions, report.methods])
    for summary in report.arms:
        health = summary.health
        assert health.planned == (
            health.done + health.failed + health.unjudged + health.running + health.missing
        )
    for against in report.against_baseline:
        every = (*against.regressed, *against.improved, *against.equal, *against.not_compared)
        assert sorted(every) == sorted(one.repository for one in report.matrix)
    if report.unfinished:
        assert report.upshot.winner is None


def test_the_report_and_the_end_of_the_queue_tell_the_same_of_raters() -> None:
    tried = {
        named(at): [judged(an_ended(named(at)), ACCEPT, *([REJECT] if at % 3 else [ACCEPT]))]
        for at in range(9)
    }
    others = {named(at): [judged(an_ended(named(at)), REJECT, REJECT)] for at in range(9, 12)}
    material = a_material(an_arm("plain", tried), an_arm("hints", others))

    raters = sound(reported(material)).raters

    jobs = [one for arm in material.contenders for _, one in arm.every() if one.job]
    queue = agreement(JudgedJob(one.job, one.verdicts) for one in jobs if one.job)
    assert isinstance(queue.decisions, Kappa)
    assert (raters.decisions, raters.ratings) == (queue.decisions, queue.ratings)
    assert (raters.differ, raters.repeats) == (len(queue.differ), queue.repeats)
    told = measures_in_sentences(raters.decisions, raters.ratings, repeats=raters.repeats)
    assert set(told) < set(in_sentences(queue))
    assert set(told) < set(rater_sentences(raters))

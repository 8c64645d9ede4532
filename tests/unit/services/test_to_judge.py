"""Which jobs wait for a verdict, of whom, and in which order."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from codybatch.domain.errors import NotFound, UnknownExperiment, UnknownIdentifier, UsageError
from codybatch.domain.findings import Decision
from codybatch.domain.identifiers import JobId, Person
from codybatch.domain.states import EndedBecause, JobState
from codybatch.services.to_judge import Scope, ToJudge
from tests.judging_kit import Trial, a_trial
from tests.report_kit import an_arm_of, an_experiment
from tests.ui_kit import DIFF, Gallery

DANA, BOB, ERIN = Person("dana"), Person("bob"), Person("erin")
ACCEPT, REJECT = Decision.ACCEPT, Decision.REJECT
NOBODY = "0" * 26


@pytest.fixture
def gallery(tmp_path: Path) -> Iterator[Gallery]:
    made = Gallery(tmp_path)
    yield made
    made.close()


@pytest.fixture
def to_judge(gallery: Gallery) -> ToJudge:
    return ToJudge(gallery.records)


@pytest.fixture
def trial(gallery: Gallery) -> Trial:
    return a_trial(gallery, arms=2, repositories=3, repetitions=2)


def ids(to_judge: ToJudge, of: Scope, by: Person, raters: int | None = None) -> list[JobId]:
    return [job.id for job in to_judge.line(of, by, raters=raters).jobs]


# a request


def test_what_ended_with_a_result_is_in_line_and_what_one_judged_stays_reachable(
    gallery: Gallery, to_judge: ToJudge
) -> None:
    one, two, lost = gallery.request_of(
        ("acme/one", {"patch": DIFF}),
        ("acme/two", {"patch": DIFF}),
        ("acme/lost", {"state": JobState.FAILED, "because": EndedBecause.INTERNAL_ERROR}),
    )
    gallery.judge(one, "bob", ACCEPT)
    gallery.judge(two, "dana", REJECT)
    of = to_judge.scope(request=lost.request)

    assert [job.id for job in to_judge.line(of, DANA).jobs] == [one.id, two.id]
    assert to_judge.line(of, DANA).judged == {two.id}
    assert to_judge.line(of, BOB).judged == {one.id}
    assert to_judge.line(of, ERIN).raters == {BOB, DANA}
    assert to_judge.still_at_work(of) == 0


def test_a_job_at_work_is_none_to_judge_yet(gallery: Gallery, to_judge: ToJudge) -> None:
    of = to_judge.scope(request=gallery.running().request)

    assert to_judge.line(of, DANA).jobs == ()
    assert to_judge.still_at_work(of) == 1


def test_a_job_that_had_enough_raters_is_left_out_but_not_ones_own(
    gallery: Gallery, to_judge: ToJudge
) -> None:
    one, two = gallery.request_of(("acme/one", {"patch": DIFF}), ("acme/two", {"patch": DIFF}))
    gallery.judge(one, "bob", ACCEPT)
    gallery.judge(one, "erin", ACCEPT)
    gallery.judge(two, "bob", ACCEPT)
    of = to_judge.scope(request=one.request)

    assert ids(to_judge, of, DANA) == [one.id, two.id]
    assert ids(to_judge, of, DANA, raters=2) == [two.id]
    assert ids(to_judge, of, DANA, raters=3) == [one.id, two.id]
    assert ids(to_judge, of, BOB, raters=1) == [one.id, two.id]
    with pytest.raises(UsageError, match="1 to 20 people, not by 0"):
        to_judge.line(of, DANA, raters=0)


def test_without_a_name_it_is_what_nobody_judged(gallery: Gallery, to_judge: ToJudge) -> None:
    one, two = gallery.request_of(("acme/one", {"patch": DIFF}), ("acme/two", {"patch": DIFF}))
    gallery.judge(one, "bob", ACCEPT)
    gallery.running()

    assert ids(to_judge, Scope(), DANA) == [two.id]
    assert to_judge.still_at_work(Scope()) == 1


# an experiment


def test_an_experiments_jobs_are_in_line_and_cells_to_come_are_counted(
    gallery: Gallery, to_judge: ToJudge, trial: Trial
) -> None:
    of = to_judge.scope(experiment=trial.experiment.id)
    gallery.ended("acme/another", patch=DIFF)

    assert sorted(ids(to_judge, of, DANA)) == sorted(job.id for job in trial.jobs)
    assert to_judge.still_at_work(of) == 0
    stored = gallery.records.experiment(trial.experiment.id)
    gallery.records.put_experiment(stored.with_(repetitions=3))
    assert to_judge.still_at_work(of) == 6


def test_in_an_experiment_a_job_that_ended_well_and_changed_nothing_is_judged_too(
    gallery: Gallery, to_judge: ToJudge
) -> None:
    arm = an_arm_of("plain")
    experiment = an_experiment(gallery, [arm], 1)
    nothing, lost = (
        gallery.request("acme/r000", prompt=arm.prompt, job={"cell": experiment.cell(arm, turn)})[0]
        for turn in (1, 2)
    )
    gallery.settle(gallery.begun(nothing), were_changes_necessary=False)
    gallery.settle(gallery.begun(lost), EndedBecause.INTERNAL_ERROR, JobState.FAILED)

    assert ids(to_judge, to_judge.scope(experiment=experiment.id), DANA) == [nothing.id]
    assert ids(to_judge, to_judge.scope(request=nothing.request), DANA) == []


def test_only_the_newest_job_of_a_cell_is_judged(to_judge: ToJudge, trial: Trial) -> None:
    first = trial.jobs[0]
    again = trial.make(first, attempt=2)

    line = to_judge.line(Scope(experiment=trial.experiment.id), DANA)

    assert again.id in {job.id for job in line.jobs}
    assert first.id not in {job.id for job in line.jobs}
    assert len(line.jobs) == len(trial.jobs)


def test_what_another_experiment_paid_for_is_judged_too(to_judge: ToJudge, trial: Trial) -> None:
    heir = trial.heir()

    line = to_judge.line(Scope(experiment=heir.id), DANA)

    assert {job.id for job in line.jobs} == {job.id for job in trial.jobs}


def test_a_blind_line_alternates_and_differs_between_people(
    to_judge: ToJudge, trial: Trial
) -> None:
    of = Scope(experiment=trial.experiment.id)
    danas = to_judge.line(of, DANA, blind=True).jobs

    assert danas == to_judge.line(of, DANA, blind=True).jobs
    assert danas != to_judge.line(of, BOB, blind=True).jobs
    arms = [job.cell.arm for job in danas if job.cell]
    assert all(first != second for first, second in zip(arms[::2], arms[1::2], strict=True))


# names


def test_an_experiment_or_a_request_is_found_by_its_id(to_judge: ToJudge, trial: Trial) -> None:
    experiment, request = trial.experiment.id, trial.jobs[0].request

    assert to_judge.scope(experiment=experiment.upper()) == Scope(experiment=experiment)
    assert to_judge.scope(request=request.upper()) == Scope(request=request)
    assert to_judge.scope() == Scope()


def test_names_that_lead_nowhere_are_refused_in_words(to_judge: ToJudge) -> None:
    with pytest.raises(NotFound):
        to_judge.scope(request=NOBODY)
    with pytest.raises(UnknownExperiment):
        to_judge.scope(experiment=NOBODY)
    with pytest.raises(UnknownExperiment, match="'nonsense' is not the id"):
        to_judge.scope(experiment="nonsense")
    with pytest.raises(UnknownIdentifier):
        to_judge.scope(request="nonsense")
    with pytest.raises(UsageError, match="not of both"):
        to_judge.scope(experiment=NOBODY, request=NOBODY)


def test_what_was_judged_counts_for_agreement_though_nothing_more_is_to_judge_of_it(
    gallery: Gallery, to_judge: ToJudge
) -> None:
    kept, failed, lost = gallery.request_of(
        ("acme/one", {"patch": DIFF}),
        ("acme/two", {"state": JobState.FAILED, "because": EndedBecause.INTERNAL_ERROR}),
        ("acme/lost", {"state": JobState.FAILED, "because": EndedBecause.INTERNAL_ERROR}),
    )
    gallery.judge(failed, "bob", REJECT)
    of = to_judge.scope(request=lost.request)

    found = {one.job.id: len(one.verdicts) for one in to_judge.judged_jobs(of)}
    assert found == {kept.id: 0, failed.id: 1}
    assert ids(to_judge, of, DANA) == [kept.id]

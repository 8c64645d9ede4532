"""An experiment in a notebook."""

from __future__ import annotations

from dataclasses import replace

import pytest

from codybatch.analysis.gathering.from_experiment import material_of
from codybatch.analysis.report_files.html import Wanted, html_of
from codybatch.analysis.report_files.markdown import markdown_of
from codybatch.analysis.statistics.answers import PValue
from codybatch.analysis.workspace import Workspace
from codybatch.domain.errors import (
    InvalidExperiment,
    UnknownExperiment,
    UnknownIdentifier,
    UsageError,
)
from codybatch.domain.experiments import (
    ChangeKind,
    ExperimentChange,
    ExperimentState,
    Metric,
)
from tests.contracts.examples import NOON, minutes
from tests.report_kit import (
    an_arm_of,
    an_experiment,
    as_they_are,
    run_arm,
    the_oracle_as_experiment,
)
from tests.statistics_kit import A_ACCEPTED, B_ACCEPTED, REPETITIONS, said
from tests.ui_kit import Gallery


def test_an_experiment_shows_its_answer_with_its_interval(gallery: Gallery, cb: Workspace) -> None:
    experiment = the_oracle_as_experiment(gallery)

    shown = cb.experiment("do hints help?")

    assert shown.id == experiment.id
    assert shown.sentence == "hints is better than plain."
    assert "25 points more often than plain, 95 % interval 5 to 45" in repr(shown)
    html = shown._repr_html_()
    assert "hints is better than plain." in html
    assert "<svg" in html
    assert cb.compare("hints@1", "hints@2").comparison.effect == shown.compare().comparison.effect


def test_its_arms_are_a_frame(gallery: Gallery, cb: Workspace) -> None:
    experiment = the_oracle_as_experiment(gallery)

    arms = cb.experiment(experiment.id).arms.set_index("arm")

    assert arms.loc["plain", "acceptance"] == pytest.approx(16 / 36)
    assert arms.loc["hints", "acceptance"] == pytest.approx(25 / 36)
    assert arms.loc["hints", "effect"] == pytest.approx(0.25)
    assert arms.loc["hints", "p_value"] == pytest.approx(12 / 256)
    assert arms.loc["hints", "conclusion"] == "B is better"
    assert arms["is_baseline"].to_dict() == {"plain": True, "hints": False}
    jobs = cb.jobs(experiment=experiment.id)
    joined = jobs.merge(arms.reset_index(), left_on="arm", right_on="key")
    assert len(joined) == 2 * 12 * REPETITIONS
    assert sorted(jobs["repetition"].unique()) == [1, 2, 3]


def test_experiments_are_a_frame_that_joins_with_their_jobs(
    gallery: Gallery, cb: Workspace
) -> None:
    experiment = the_oracle_as_experiment(gallery)
    gallery.ended("acme/other")

    frame = cb.experiments()

    assert list(frame["experiment"]) == [experiment.id]
    assert frame.loc[0, "cells"] == 72
    assert len(cb.experiment(experiment.id).jobs) == 72
    assert cb.jobs(columns=["job", "experiment"])["experiment"].isna().sum() == 1


def test_arms_are_compared_by_name_and_as_results(gallery: Gallery, cb: Workspace) -> None:
    experiment = the_oracle_as_experiment(gallery)
    read = cb.experiment(experiment.id)

    by_arm = cb.compare(read.arm("plain"), read.arm("hints"))

    assert by_arm.sentence == read.compare("hints").sentence
    turned = read.compare("plain", "hints")
    assert said(turned.comparison.effect).value == pytest.approx(-0.25)
    with pytest.raises(UsageError, match="cannot be compared with itself"):
        read.compare("plain")
    with pytest.raises(InvalidExperiment, match="it has plain, hints"):
        read.compare("tricks")


def test_by_another_metric_than_was_settled_nothing_is_decided(
    gallery: Gallery, cb: Workspace
) -> None:
    experiment = the_oracle_as_experiment(gallery)

    compared = cb.experiment(experiment.id).compare(metric="cost")

    assert compared.comparison.metric is Metric.COST
    assert compared.contents.upshot.winner is None
    assert compared.contents.upshot.sentence.startswith("Nothing is decided by this metric")
    assert "not chosen to decide" in compared.sentence


def test_a_metric_that_was_chosen_after_results_decides_nothing(
    gallery: Gallery, cb: Workspace
) -> None:
    the_oracle_as_experiment(gallery, metric_chosen_at=NOON + minutes(10_000_000))

    shown = cb.experiment("Do hints help?")

    assert shown.contents.upshot.winner is None
    assert "chosen after the first results" in shown.sentence


def a_change(kind: ChangeKind, number: int, results: int) -> ExperimentChange:
    return ExperimentChange(kind=kind, number=number, at=NOON, results=results)


def test_what_was_added_after_results_is_told_with_a_caution(
    gallery: Gallery, cb: Workspace
) -> None:
    added = (
        a_change(ChangeKind.REPOSITORIES, 3, 0),
        a_change(ChangeKind.REPETITIONS, 2, 60),
        a_change(ChangeKind.ARMS, 1, 1),
        a_change(ChangeKind.ARMS, 4, 9),
        a_change(ChangeKind.BASELINE_AGAIN, 1, 9),
    )
    the_oracle_as_experiment(gallery, changes=added)

    contents = cb.experiment("Do hints help?").contents

    assert contents.setup.changes[0].startswith("3 repositories were added on ")
    assert contents.setup.changes[0].endswith(" UTC, before any result.")
    assert contents.setup.changes[2].endswith(" UTC, after 1 result was there.")
    cautions = [one for one in contents.cautions if "more than once" in one]
    assert [one.partition(":")[0] for one in cautions] == [
        "Arms were added 2 times when results were there, first with 1",
        "Repetitions were added after 60 results were there",
    ]
    html = html_of(contents, as_they_are, Wanted())
    for written in (html.decode(), markdown_of(contents, as_they_are).decode()):
        assert "2 repetitions were added on " in written
        assert "Repetitions were added after 60 results were there" in written


def test_a_change_of_the_baseline_after_results_changes_the_digest_and_is_cautioned_of(
    gallery: Gallery, cb: Workspace
) -> None:
    experiment = the_oracle_as_experiment(gallery)
    before = cb.experiment(experiment.id).contents
    changed = experiment.noting(a_change(ChangeKind.BASELINE, 1, 72))
    gallery.records.put_experiment(changed)

    after = cb.experiment(experiment.id).contents

    assert before.setup.changes == ()
    assert before.setup.content_hash != after.setup.content_hash
    (caution,) = set(after.cautions) - set(before.cautions)
    assert caution == (
        "The baseline was changed after 72 results were there: the p-value takes no account of "
        "choosing by results what is compared with what."
    )


def test_while_it_goes_on_no_p_value_is_given(gallery: Gallery, cb: Workspace) -> None:
    arms = [an_arm_of("plain"), an_arm_of("hints", 2)]
    experiment = an_experiment(gallery, arms, 12, state=ExperimentState.RUNNING)
    run_arm(gallery, experiment, arms[0], A_ACCEPTED)
    run_arm(gallery, experiment, arms[1], [*B_ACCEPTED[:11], None])

    contents = cb.experiment(experiment.id).contents

    assert contents.unfinished == REPETITIONS
    assert not isinstance(said(contents.against_baseline[0].comparisons[0].effect).p, PValue)
    assert contents.upshot.sentence == (
        "Nothing is concluded yet: 3 jobs are not finished or not judged."
    )


def test_a_paused_one_is_compared_by_what_it_has_and_says_so(
    gallery: Gallery, cb: Workspace
) -> None:
    arms = [an_arm_of("plain"), an_arm_of("hints", 2)]
    experiment = an_experiment(gallery, arms, 12, state=ExperimentState.PAUSED)
    run_arm(gallery, experiment, arms[0], [0] * 11 + [None])
    run_arm(gallery, experiment, arms[1], [3] * 11 + [None])

    contents = cb.experiment(experiment.id).contents

    assert contents.upshot.winner == "hints"
    assert contents.arms[0].health.missing == REPETITIONS
    assert "The experiment is paused: what is still missing is not waited for." in contents.cautions
    assert any("3 missing" in one for one in contents.cautions)


def test_an_a_a_run_stands_apart(gallery: Gallery, cb: Workspace) -> None:
    arms = [an_arm_of("plain"), an_arm_of("hints", 2), an_arm_of("plain again", replicate=2)]
    experiment = an_experiment(gallery, arms, 12)
    for arm, accepted in zip(arms, (A_ACCEPTED, B_ACCEPTED, A_ACCEPTED), strict=True):
        run_arm(gallery, experiment, arm, accepted)

    contents = cb.experiment(experiment.id).contents

    assert contents.upshot.winner == "hints"
    (equal,) = contents.equal_arms
    assert (equal.arm, equal.repeated) == ("plain", "plain again")


def test_what_is_not_there_is_said_so(cb: Workspace) -> None:
    with pytest.raises(UnknownExperiment, match="There is no experiment 'nothing'"):
        cb.experiment("nothing")
    with pytest.raises(UnknownIdentifier, match="is not the id of an experiment"):
        cb.jobs(experiment="nothing")


def test_jobs_that_were_made_again_or_elsewhere_are_told_of(
    gallery: Gallery, cb: Workspace
) -> None:
    experiment = the_oracle_as_experiment(gallery)
    service, records = cb.application.experiments, gallery.records
    first, second, *rest = service.cells.of(experiment)
    assert material_of(experiment, (first, second, *rest), records).notices == ()
    again = replace(first, jobs=(*first.jobs, *second.jobs))
    elsewhere = replace(second, is_reused=True)

    told = material_of(experiment, (again, elsewhere, *rest), records).notices

    assert [one.partition(":")[2].partition(".")[0] for one in told] == [" 1 of plain"] * 2
    assert told[0].startswith("Jobs that came to nothing were made again")
    assert told[1].startswith("Some jobs were made for another experiment, at another time")

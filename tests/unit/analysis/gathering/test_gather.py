from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests  # type: ignore[import-untyped]
from statsmodels.stats.proportion import proportion_confint  # type: ignore[import-untyped]

from codybatch.analysis.gathering.from_experiment import of_two
from codybatch.analysis.gathering.gather import gather
from codybatch.analysis.gathering.material import Contender
from codybatch.analysis.report.arms import Amounts
from codybatch.analysis.report.cells import Standing
from codybatch.analysis.report_files.cells_table import csv_of
from codybatch.analysis.report_files.html import Wanted, html_of
from codybatch.analysis.report_files.markdown import markdown_of
from codybatch.analysis.statistics.answers import Interval, PValue
from codybatch.analysis.statistics.conclusion import Conclusion
from codybatch.analysis.statistics.effect import Effect
from codybatch.analysis.statistics.trials import Outcome
from codybatch.domain.experiments import Metric
from codybatch.domain.identifiers import Person
from codybatch.domain.prompts import PromptRef
from codybatch.services.findings import Clean
from tests.contracts.examples import NOON
from tests.report_kit import (
    a_material,
    accepted_so_often,
    reported,
    the_oracle,
)
from tests.statistics_kit import A_ACCEPTED, B_ACCEPTED, REPETITIONS, named, said

EXACT = 1e-9


def test_the_worked_example_comes_to_its_numbers_from_jobs_and_verdicts() -> None:
    report = reported(the_oracle())

    plain, hints = report.arms
    acceptance = said(plain.acceptance)
    assert acceptance.value == pytest.approx(16 / 36)
    assert isinstance(acceptance.interval, Interval)
    assert acceptance.interval.low == pytest.approx(0.2648, abs=5e-5)
    assert acceptance.interval.high == pytest.approx(0.6399, abs=5e-5)
    assert acceptance.effective_trials == pytest.approx(23.158, abs=5e-4)
    assert said(hints.acceptance).value == pytest.approx(25 / 36)
    assert [said(one.all_of_them).value for one in hints.passes] == pytest.approx(
        [25 / 36, 0.5556, 0.5], abs=5e-5
    )
    comparison = report.against_baseline[0].comparisons[0]
    effect = said(comparison.effect)
    assert effect.value == pytest.approx(0.25)
    assert isinstance(effect.p, PValue)
    assert effect.p.value == pytest.approx(12 / 256)
    assert isinstance(effect.interval, Interval)
    assert (effect.interval.low, effect.interval.high) == pytest.approx((0.0456, 0.4544), abs=5e-5)
    assert comparison.conclusion is Conclusion.B_BETTER


def test_the_better_arm_is_named_in_a_sentence_with_its_interval() -> None:
    upshot = reported(the_oracle()).upshot

    assert upshot.winner == "hints"
    assert upshot.sentence == "hints is better than plain."
    assert upshot.reasons == (
        "hints was accepted 25 points more often than plain, 95 % interval 5 to 45 (p = 0.047).",
    )
    assert upshot.would_settle == ()


def test_the_baseline_can_be_the_better_one() -> None:
    material = a_material(
        accepted_so_often("plain", B_ACCEPTED), accepted_so_often("hints", A_ACCEPTED)
    )

    upshot = reported(material).upshot

    assert upshot.winner == "plain"
    assert upshot.sentence == "plain (baseline) is better than hints."


def test_equal_arms_show_no_difference_and_what_would_take_to_show_one() -> None:
    material = a_material(
        accepted_so_often("plain", A_ACCEPTED),
        accepted_so_often("hints", [2, 2, 0, 1, 1, 3, 0, 2, 1, 1, 2, 1]),
    )

    upshot = reported(material).upshot

    assert upshot.winner is None
    assert upshot.sentence == "No difference shown between plain and hints."
    assert upshot.would_settle[0].startswith("With 12 repositories a difference of ")


def test_several_arms_are_corrected_and_the_largest_difference_is_named() -> None:
    material = a_material(
        accepted_so_often("plain", [0] * 12),
        accepted_so_often("hints", [2] * 11 + [3]),
        accepted_so_often("steps", [3] * 11 + [2]),
        accepted_so_often("same", [0] * 11 + [1]),
    )

    report = reported(material)

    assert report.upshot.winner == "steps"
    assert report.upshot.sentence == (
        "hints and steps are better than plain; no difference shown between plain and same. Of "
        "those that are better steps differs most; whether it is better than the others was not "
        "tested."
    )
    assert report.upshot.badge == "Better: hints and steps"
    assert report.upshot.brief == "hints and steps are better than plain"
    effect = said(report.against_baseline[0].comparisons[0].effect)
    assert isinstance(effect.p, PValue)
    assert "Holm of 3" in effect.p.method


def test_a_baseline_that_beats_one_arm_and_ties_another_is_said_to_stand() -> None:
    report = reported(
        a_material(
            accepted_so_often("plain", [3] * 11 + [2]),
            accepted_so_often("hints", [0] * 12),
            accepted_so_often("steps", [3] * 12),
        )
    )

    upshot = report.upshot
    assert (upshot.badge, upshot.winner, upshot.worse) == ("Baseline stands", None, ("hints",))
    assert upshot.sentence == (
        "plain (baseline) is better than hints; no difference shown to steps."
    )
    assert upshot.brief == "hints did worse"
    assert all(one.startswith("steps: ") for one in upshot.would_settle)
    page = html_of(report, str, Wanted()).decode()
    assert '<span class="badge good">Baseline stands</span>' in page


def test_the_matrix_holds_every_repetition_and_begins_where_the_arm_did_worst() -> None:
    report = reported(the_oracle())

    assert len(report.cells()) == 2 * 12 * REPETITIONS
    first, last = report.matrix[0], report.matrix[-1]
    assert first.of("hints").standing is Standing.REGRESSED
    assert last.of("hints").standing is Standing.IMPROVED
    row = next(row for row in report.matrix if row.repository == named(1))
    assert row.of("plain").count(Outcome.ACCEPTED) == A_ACCEPTED[1]
    assert row.of("hints").count(Outcome.ACCEPTED) == B_ACCEPTED[1]
    assert row.of("hints").value == pytest.approx(B_ACCEPTED[1] / REPETITIONS)


def test_improved_regressed_and_equal_repositories_are_listed() -> None:
    against = reported(the_oracle()).against_baseline[0]

    better = [named(at) for at in range(12) if B_ACCEPTED[at] > A_ACCEPTED[at]]
    worse = [named(at) for at in range(12) if B_ACCEPTED[at] < A_ACCEPTED[at]]
    assert sorted(against.improved) == better
    assert sorted(against.regressed) == worse
    assert len(against.equal) == 12 - len(better) - len(worse)
    assert against.not_compared == ()
    assert against.improved[0] in {named(1), named(9), named(11)}


def test_where_they_disagree_two_jobs_show_it_regressions_first() -> None:
    against = reported(the_oracle()).against_baseline[0]

    shown = against.disagreements
    assert [one.repository for one in shown] == [*against.regressed, *against.improved]
    assert shown[0].standing is Standing.REGRESSED
    assert shown[0].baseline.outcome is Outcome.ACCEPTED
    assert shown[0].arm.outcome is Outcome.REJECTED
    assert shown[-1].baseline.outcome is Outcome.REJECTED
    assert shown[-1].arm.outcome is Outcome.ACCEPTED


def test_an_arm_that_repeats_the_baseline_is_not_counted_among_those_that_are_compared() -> None:
    material = a_material(
        accepted_so_often("plain", A_ACCEPTED),
        accepted_so_often("hints", B_ACCEPTED),
        accepted_so_often("plain again", A_ACCEPTED, equal_to="plain"),
    )

    report = reported(material)

    assert report.upshot.winner == "hints"
    assert len(report.upshot.reasons) == 1
    effect = said(report.against_baseline[0].comparisons[0].effect)
    assert isinstance(effect, Effect)
    assert isinstance(effect.p, PValue)
    assert "Holm" not in effect.p.method
    (equal,) = report.equal_arms
    assert (equal.arm, equal.repeated) == ("plain", "plain again")
    assert equal.sentence.startswith("plain again repeats plain, so that any difference is chance.")


def test_costs_times_and_tokens_are_told_for_each_arm() -> None:
    plain = reported(the_oracle()).arms[0]

    assert plain.cost == Amounts(36, 18.0, 0.5, 0.5, 0.5, 0.5)
    assert said(plain.seconds).median == 100
    assert plain.tokens.cached == 36 * 900
    assert said(plain.cost_per_accepted).value == pytest.approx(18 / 16)


def without(secret: str) -> Clean:
    return lambda text: text.replace(secret, "[secret]")


def test_secrets_in_names_of_arms_and_raters_are_in_no_part_of_a_report() -> None:
    bob = Person("bob-s3cr3t")

    def arm(name: str, accepted: tuple[int, ...], **changes: Any) -> Contender:
        made = accepted_so_often(name, accepted, **changes)
        tried = {
            where: tuple(
                replace(one, verdicts=tuple(v.with_(rater=bob) for v in one.verdicts))
                for one in several
            )
            for where, several in made.tried.items()
        }
        return replace(made, prompt=PromptRef(name="hints", version=1), text="", tried=tried)

    material = a_material(
        arm("plain", A_ACCEPTED),
        arm("x s3cr3t", B_ACCEPTED),
        arm("x [secret]", A_ACCEPTED),
        arm("again", A_ACCEPTED, equal_to="x s3cr3t"),
        notices=("x s3cr3t was made again.",),
    )
    clean = without("s3cr3t")

    report = gather(material, clean)

    names = ["plain", "x [secret] (1)", "x [secret] (2)", "again"]
    assert [one.name for one in report.setup.arms] == names
    assert report.setup.arms[3].equal_to == "x [secret] (1)"
    assert report.raters.raters == ("bob-[secret]",)
    written = (
        html_of(report, clean, Wanted()),
        markdown_of(report, clean),
        csv_of(report, clean),
        repr(report).encode(),
    )
    assert all(b"s3cr3t" not in one for one in written)


def test_the_same_records_give_the_same_report() -> None:
    material = the_oracle()

    assert reported(material) == reported(material)
    other = the_oracle(question="Another?")
    assert reported(material).setup.content_hash != reported(other).setup.content_hash


def test_intervals_and_corrections_of_a_report_are_those_of_statsmodels() -> None:
    accepted = {
        "plain": A_ACCEPTED,
        "hints": B_ACCEPTED,
        "steps": [3, 2, 1, 3, 2, 3, 1, 3, 2, 1, 2, 2],
        "tricks": [2, 1, 0, 2, 0, 3, 0, 1, 1, 0, 2, 0],
    }
    report = reported(a_material(*(accepted_so_often(*arm) for arm in accepted.items())))

    for summary in report.arms:
        share = said(summary.acceptance)
        rates = np.array(accepted[summary.arm]) / REPETITIONS
        variance = rates.var(ddof=1) / len(rates)
        mean, jobs = rates.mean(), len(rates) * REPETITIONS
        # The design effect of Kish 1965: the clustered variance over that of independent trials.
        trials = jobs / max(1.0, variance / (mean * (1 - mean) / jobs))
        low, high = proportion_confint(mean * trials, trials, method="wilson")
        interval = said(share.interval)
        assert share.effective_trials == pytest.approx(trials, abs=EXACT)
        assert (interval.low, interval.high) == pytest.approx((low, high), abs=EXACT)
    raw, adjusted = [], []
    for against in report.against_baseline:
        effect = said(against.comparisons[0].effect)
        assert isinstance(effect.p, PValue)
        differences = np.array(accepted[against.arm]) - np.array(A_ACCEPTED)
        flipped = stats.permutation_test(
            (differences,), np.mean, permutation_type="samples", n_resamples=2**12
        )
        raw.append(flipped.pvalue)
        adjusted.append(effect.p.value)
    assert adjusted == pytest.approx(list(multipletests(raw, method="holm")[1]), abs=EXACT)


def test_what_is_decided_from_other_facts_has_another_digest() -> None:
    material = the_oracle()
    digest = reported(material).setup.content_hash

    for other in (
        {"metric_chosen_at": NOON},
        {"more_to_come": True},
        {"settled_metric": Metric.COST},
        {"notices": ("The experiment is paused.",)},
    ):
        assert reported(replace(material, **other)).setup.content_hash != digest, other


def test_two_arms_that_are_picked_out_of_several_are_said_to_be() -> None:
    several = a_material(
        accepted_so_often("plain", A_ACCEPTED),
        accepted_so_often("hints", B_ACCEPTED),
        accepted_so_often("tricks", A_ACCEPTED),
    )
    picked = "The experiment compares 2 arms with its baseline"

    two = of_two(several, "plain", "hints")

    assert any(one.startswith(picked) for one in reported(two).cautions)
    assert not any(one.startswith(picked) for one in reported(several).cautions)
    assert of_two(the_oracle(), "plain", "hints").notices == the_oracle().notices

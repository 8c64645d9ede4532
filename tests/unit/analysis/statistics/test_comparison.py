"""A against B, from what became of the jobs to a sentence with its cautions."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codybatch.analysis.statistics.answers import CannotBeSaid, Interval
from codybatch.analysis.statistics.comparison import (
    OnRepository,
    compare_acceptance,
    compare_amounts,
    compare_correctness,
    compare_ratings,
)
from codybatch.analysis.statistics.conclusion import Conclusion
from codybatch.analysis.statistics.plan import Role
from codybatch.analysis.statistics.trials import Outcome, Outcomes, owner
from codybatch.domain.experiments import Metric
from tests.comparison_kit import question
from tests.statistics_kit import (
    A_ACCEPTED,
    B_ACCEPTED,
    A,
    B,
    named,
    outcomes,
    said,
    sampled,
    unsaid,
)

OLD, NEW = ("old", outcomes(A_ACCEPTED)), ("new", outcomes(B_ACCEPTED))


def test_the_worked_example_says_that_b_is_better() -> None:
    compared = compare_acceptance(OLD, NEW, question())

    assert compared.conclusion is Conclusion.B_BETTER
    assert compared.role is Role.PRIMARY
    assert compared.cautions == ()
    assert compared.sentence == (
        "new was accepted 25 points more often than old, 95 % interval 5 to 45 (p = 0.047)."
    )


def test_it_tells_the_rates_of_both() -> None:
    acceptance = compare_acceptance(OLD, NEW, question()).acceptance

    assert acceptance is not None
    assert said(acceptance.rate_a).value == pytest.approx(16 / 36)
    assert said(acceptance.rate_b).value == pytest.approx(25 / 36)
    assert acceptance.health_b.accepted == 25


def test_regressions_come_first() -> None:
    rows = compare_acceptance(NEW, OLD, question()).by_repository

    assert rows[0] == OnRepository(named(1), 1.0, 1 / 3)
    changes = [row.b - row.a for row in rows]
    assert changes == sorted(changes)


def test_of_costs_the_dearer_comes_first() -> None:
    compared = compare_amounts(
        Metric.COST,
        ("old", {"x": [1.0], "y": [1.0]}),
        ("new", {"x": [0.5], "y": [2.0]}),
        question(),
    )

    assert [row.repository for row in compared.by_repository] == ["y", "x"]


def test_while_jobs_run_there_is_no_p_value_anywhere() -> None:
    compared = compare_acceptance(OLD, NEW, question(unfinished=3))
    effect = said(compared.effect)

    assert compared.conclusion is Conclusion.NOT_YET
    assert "3 jobs are not finished" in unsaid(effect.p)
    assert effect.checks == ()
    assert isinstance(effect.interval, Interval)
    assert compared.acceptance is not None
    assert unsaid(said(compared.acceptance.without_errors).p)
    assert "p =" not in compared.sentence
    assert "nothing is concluded yet" in compared.sentence


def test_equal_prompts_show_no_difference() -> None:
    shuffled = ("other", outcomes(A_ACCEPTED[4:] + A_ACCEPTED[:4]))
    compared = compare_acceptance(OLD, shuffled, question())

    assert compared.conclusion is Conclusion.NO_DIFFERENCE_SHOWN
    assert compared.sentence.startswith("No difference shown: other was accepted as often as old")


@pytest.mark.parametrize("accepted", [0, 3])
def test_all_or_none_accepted_shows_no_difference(accepted: int) -> None:
    compared = compare_acceptance(
        ("old", outcomes([accepted] * 12)), ("new", outcomes([accepted] * 12)), question()
    )

    assert compared.conclusion is Conclusion.NO_DIFFERENCE_SHOWN
    assert any("No repositories differ" in one for one in compared.cautions)


def test_five_repositories_can_show_nothing_and_it_says_why() -> None:
    compared = compare_acceptance(
        ("old", outcomes([0] * 5)), ("new", outcomes([3] * 5)), question()
    )

    assert compared.conclusion is Conclusion.NO_DIFFERENCE_SHOWN
    assert any("fewer than 6 no exact test can reach p = 0.05" in one for one in compared.cautions)
    assert any("Only 5 repositories" in one for one in compared.cautions)


def test_one_repository_cannot_be_generalised() -> None:
    compared = compare_acceptance(("old", outcomes([0])), ("new", outcomes([3])), question())

    assert compared.conclusion is Conclusion.CANNOT_BE_SAID
    assert compared.sentence == (
        "Nothing can be concluded: new was accepted 100 points more often than old, the interval "
        "cannot be said."
    )


def test_nothing_in_common_cannot_be_compared() -> None:
    compared = compare_acceptance(OLD, ("new", {"elsewhere/x": [Outcome.ACCEPTED]}), question())

    assert compared.conclusion is Conclusion.CANNOT_BE_SAID
    assert compared.sentence.startswith(
        "It cannot be said how new compares with old: no repository"
    )
    assert any("13 repositories are left out" in one for one in compared.cautions)


def test_what_hangs_on_errors_alone_is_said() -> None:
    failing = ("old", outcomes([3, 0, 3, 0] * 3, rest=Outcome.ERROR))
    steady = ("new", outcomes([3] * 12))

    compared = compare_acceptance(failing, steady, question())

    assert compared.conclusion is Conclusion.B_BETTER
    assert any("hangs on 18 jobs that ended in an error" in one for one in compared.cautions)
    assert any("without them it is: no difference shown" in one for one in compared.cautions)


def test_what_is_missing_is_told_of_each() -> None:
    lacking = ("old", outcomes([2] * 12, rest=Outcome.MISSING))
    compared = compare_acceptance(lacking, NEW, question())

    (caution,) = [one for one in compared.cautions if "say nothing" in one]
    assert "12 of 36 of old (12 missing, 0 without a verdict)" in caution
    assert "0 of 36 of new" in caution


def test_forks_are_counted_by_their_owner() -> None:
    compared = compare_acceptance(OLD, NEW, replace(question(), cluster_of=owner))

    assert "belong together" in unsaid(said(compared.effect).interval)
    assert compared.conclusion is Conclusion.NO_DIFFERENCE_SHOWN


def test_correctness_is_compared_like_acceptance() -> None:
    compared = compare_correctness(("old", A), ("new", B), question(primary=Metric.CORRECT))

    assert compared.effect == compare_acceptance(OLD, NEW, question()).effect
    assert compared.sentence.startswith("new was right 25 points more often than old")


def test_a_metric_that_was_not_chosen_describes() -> None:
    ratings = {named(at): [2.0 + at % 2] for at in range(12)}
    better = {name: [each[0] + 1 + (name[-1] == "3")] for name, each in ratings.items()}

    compared = compare_ratings(("old", ratings), ("new", better), question())

    assert compared.role is Role.SECONDARY
    assert compared.sentence == (
        "new was rated 1.1 higher than old, 95 % interval 0.9 to 1.3 (p < 0.001). "
        "This metric describes; it was not chosen to decide."
    )


def test_costs_are_told_as_a_multiple() -> None:
    costs = {named(at): [1.0 + at / 10, 1.2 + at / 10] for at in range(12)}
    dearer = {
        name: [1.5 * one + at / 50 for one in each] for at, (name, each) in enumerate(costs.items())
    }

    compared = compare_amounts(
        Metric.COST, ("old", costs), ("new", dearer), question(primary=Metric.COST)
    )

    assert compared.conclusion is Conclusion.A_BETTER
    assert compared.sentence.startswith("new cost 1.56 times as much as old, 95 % interval 1.5")


ANY = st.dictionaries(
    st.integers(0, 8).map(named), st.lists(st.sampled_from(Outcome), max_size=4), max_size=8
)


@sampled
@given(ANY, ANY, st.integers(0, 2), st.booleans())
def test_whatever_became_of_the_jobs_there_is_a_sentence_and_no_number_that_is_none(
    a: Outcomes, b: Outcomes, unfinished: int, forks: bool
) -> None:
    asked = replace(question(unfinished), cluster_of=owner if forks else None)

    compared = compare_acceptance(("a", a), ("b", b), asked)

    told = " ".join((compared.sentence, *compared.cautions))
    assert compared.sentence.endswith((".", "yet."))
    assert "nan" not in told
    assert "inf" not in told
    if unfinished:
        assert compared.conclusion is Conclusion.NOT_YET
        assert isinstance(compared.effect, CannotBeSaid) or isinstance(
            compared.effect.p, CannotBeSaid
        )

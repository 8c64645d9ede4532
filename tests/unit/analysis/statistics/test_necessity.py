"""Whether a prompt sees where changes are necessary."""

from __future__ import annotations

import pytest

from codybatch.analysis.statistics.answers import Interval
from codybatch.analysis.statistics.kappa import cohens_kappa
from codybatch.analysis.statistics.necessity import (
    Said,
    against_truth,
    agreement,
    correct,
    steadiness,
)
from codybatch.analysis.statistics.trials import Trials
from codybatch.analysis.statistics.wilson import wilson
from tests.statistics_kit import said, unsaid

Y, N = True, False


def once(
    yes_true: int, yes_false: int, no_true: int, no_false: int
) -> tuple[Said, dict[str, bool]]:
    """What was said and what is true, one repetition each."""
    cells = [(Y, Y)] * yes_true + [(Y, N)] * yes_false + [(N, Y)] * no_true + [(N, N)] * no_false
    names = [f"a/{at:03}" for at in range(len(cells))]
    told: Said = {name: [cell[0]] for name, cell in zip(names, cells, strict=True)}
    return told, {name: cell[1] for name, cell in zip(names, cells, strict=True)}


def test_the_table_of_single_repetitions() -> None:
    told = said(against_truth(*once(20, 4, 5, 31)))

    assert (told.true_yes, told.false_yes, told.false_no, told.true_no) == (20, 4, 5, 31)
    assert said(told.precision).interval == wilson(20 / 24, 24)
    assert said(told.recall).interval == wilson(20 / 25, 25)
    assert told.kappa == cohens_kappa([[20, 5], [4, 31]])
    assert round(said(told.kappa).value, 4) == 0.6897


def test_repetitions_are_clustered_and_so_less_sure() -> None:
    told, truth = once(6, 2, 2, 6)
    thrice = {name: [*each] * 3 for name, each in told.items()}

    single, repeated = said(against_truth(told, truth)), said(against_truth(thrice, truth))

    one, three = said(single.precision), said(repeated.precision)
    assert one.value == three.value == 0.75
    assert (three.effective_trials or 99) < 9  # not 24
    assert said(repeated.kappa).value == said(single.kappa).value
    assert "resemble each other" in unsaid(said(repeated.kappa).interval)


def test_who_said_neither_is_right_nowhere() -> None:
    told: Said = {"a/a": [Y, None], "a/b": [None], "a/c": []}
    truth = {"a/a": Y, "a/b": Y, "a/c": Y}

    assert correct(told, truth) == (Trials("a/a", 1, 2), Trials("a/b", 0, 1))
    assert said(against_truth(told, truth)).neither == 2
    assert said(said(against_truth(told, truth)).recall).repositories == 1


def test_a_prompt_that_never_says_yes_has_no_precision() -> None:
    told = said(against_truth({"a/a": [N], "a/b": [N]}, {"a/a": Y, "a/b": N}))

    assert "nothing to take a share of" in unsaid(told.precision)
    assert said(told.recall).value == 0
    assert said(told.kappa).value == 0


def test_where_no_change_is_necessary_there_is_no_recall() -> None:
    told = said(against_truth({"a/a": [Y], "a/b": [N]}, {"a/a": N, "a/b": N}))

    assert said(told.precision).value == 0
    assert "nothing" in unsaid(told.recall)


def test_without_truth_it_cannot_be_said() -> None:
    assert "No person said" in unsaid(against_truth({"a/a": [Y]}, {}))
    assert correct({"a/a": [Y]}, {"b/b": Y}) == ()


def test_without_truth_two_prompts_still_agree_or_not() -> None:
    share = said(agreement({"a/a": [Y, Y], "a/b": [Y, N]}, {"a/a": [Y], "a/b": [N, N], "a/c": [Y]}))

    assert share.value == pytest.approx((1 + 0.5) / 2)
    assert share.interval == wilson(share.value, 2)


def test_agreement_needs_both() -> None:
    assert "no repository both" in unsaid(agreement({"a/a": [None]}, {"a/a": [Y]}))


def test_steadiness_is_the_part_of_pairs_of_repetitions_that_agree() -> None:
    share = said(steadiness({"a/a": [Y, Y, N], "a/b": [N, N], "a/c": [Y], "a/d": [None, Y]}))

    assert share.value == pytest.approx((1 / 3 + 1) / 2)
    assert isinstance(share.interval, Interval)


def test_one_repetition_has_no_steadiness() -> None:
    assert "two repetitions" in unsaid(steadiness({"a/a": [Y], "a/b": [N]}))


def test_repetitions_that_do_not_resemble_each_other_all_count() -> None:
    told = said(
        against_truth(
            {f"a/{at}": [Y, Y, N] for at in range(6)},
            dict.fromkeys((f"a/{at}" for at in range(6)), Y),
        )
    )

    assert said(told.recall).effective_trials == 18
    assert said(told.recall).interval == wilson(2 / 3, 18)

"""Several prompts against one baseline."""

from __future__ import annotations

from dataclasses import replace

from codybatch.analysis.statistics.answers import PValue
from codybatch.analysis.statistics.comparison import Comparison, compare_acceptance
from codybatch.analysis.statistics.conclusion import Conclusion
from codybatch.analysis.statistics.several import corrected
from tests.comparison_kit import question
from tests.statistics_kit import A_ACCEPTED, B_ACCEPTED, outcomes, said, unsaid

BASELINE = ("old", outcomes(A_ACCEPTED))


def against_baseline(*accepted: tuple[int, ...], unfinished: int = 0) -> list[Comparison]:
    return [
        compare_acceptance(BASELINE, (f"p{at}", outcomes(one)), question(unfinished))
        for at, one in enumerate(accepted)
    ]


def with_p(compared: Comparison, value: float) -> Comparison:
    return replace(compared, effect=replace(said(compared.effect), p=PValue(value, "sign-flip")))


def test_the_worked_example_of_four() -> None:
    (one,) = against_baseline(B_ACCEPTED)

    four = corrected([with_p(one, p) for p in (0.004, 0.030, 0.021, 0.20)])

    assert [round(said(said(each.effect).p).value, 3) for each in four] == [
        0.016,
        0.063,
        0.063,
        0.2,
    ]
    assert [each.conclusion for each in four] == [
        Conclusion.B_BETTER,
        *[Conclusion.NO_DIFFERENCE_SHOWN] * 3,
    ]


def test_what_one_prompt_alone_would_show_three_do_not() -> None:
    alone, *_ = against_baseline(B_ACCEPTED)
    three = corrected(against_baseline(B_ACCEPTED, A_ACCEPTED, A_ACCEPTED[::-1]))

    assert alone.conclusion is Conclusion.B_BETTER
    assert three[0].conclusion is Conclusion.NO_DIFFERENCE_SHOWN
    assert said(said(three[0].effect).p).method == "sign-flip, exact, Holm of 3"
    assert "(p = 0.141 after correction)" in three[0].sentence


def test_the_p_value_before_correction_stands_first_among_the_checks() -> None:
    comparisons = against_baseline(B_ACCEPTED, A_ACCEPTED)

    assert said(corrected(comparisons)[0].effect).checks[0].value == 0.046875


def test_a_single_comparison_stays_as_it_is() -> None:
    (one,) = against_baseline(B_ACCEPTED)
    (same,) = corrected([one])

    assert (same.sentence, same.conclusion) == (one.sentence, one.conclusion)


def test_while_jobs_run_there_is_nothing_to_correct() -> None:
    comparisons = against_baseline(B_ACCEPTED, A_ACCEPTED, unfinished=2)

    assert corrected(comparisons) == tuple(comparisons)
    assert unsaid(said(comparisons[0].effect).p)


def test_what_was_not_tested_corrects_nobody_elses() -> None:
    elsewhere = compare_acceptance(BASELINE, ("p9", {}), question())
    (one,) = against_baseline(B_ACCEPTED)

    first, second = corrected([one, elsewhere])

    assert said(said(first.effect).p).value == 0.046875
    assert second == elsewhere

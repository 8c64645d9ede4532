"""The tab Result in words."""

from __future__ import annotations

from dataclasses import replace

from codybatch.analysis.report.arms import Amounts
from codybatch.analysis.statistics.trials import Outcome
from codybatch.domain.unsaid import CannotBeSaid
from codybatch.ui.experiments.amounts import strips
from codybatch.ui.experiments.checks import HEADINGS
from codybatch.ui.experiments.numbers import UNKNOWN
from codybatch.ui.experiments.result import result_view, table
from tests.experiment_report_kit import a_report, by_luck

REPORT = a_report(arms=3, repositories=12, repetitions=3)


def test_every_arm_is_a_row_with_its_interval_and_how_it_stands_beside_the_baseline() -> None:
    view = result_view(REPORT, str)

    assert [row[0] for row in view.rows] == ["tidy v1", "tidy v2", "tidy v3"]
    assert view.rows[0][3] == "the baseline"
    assert all("%" in row[2] and " to " in row[2] for row in view.rows)
    assert all("points" in row[3] for row in view.rows[1:])
    assert view.rows[1][1] == "36 of 36"  # beside the name, where a narrow window shows it


def test_what_takes_no_opinion_has_a_row_for_each_arm_and_says_where_nothing_is_known() -> None:
    view = result_view(REPORT, str)

    assert [row[0] for row in view.checks] == ["tidy v1", "tidy v2", "tidy v3"]
    assert {len(row) for row in view.checks} == {len(HEADINGS)}
    assert view.checks[0][1:3] == ("0", "0")
    assert view.checks[0][-1] == UNKNOWN  # there is no reference patch


def test_what_differs_from_the_baseline_is_green_and_a_tie_is_not() -> None:
    def color(better: tuple[str, ...] = (), worse: tuple[str, ...] = ()) -> str:
        upshot = replace(REPORT.upshot, winner=None, better=better, worse=worse)
        return result_view(replace(REPORT, upshot=upshot), str).color

    assert color(better=("tidy v3",)) == "green"
    assert color(worse=("tidy v3",)) == "green"
    assert color() == "gray"


def test_while_jobs_are_not_judged_nothing_is_final() -> None:
    def half(arm: int, repository: int, repetition: int) -> Outcome:
        return Outcome.UNJUDGED if repository == 0 else by_luck(arm, repository, repetition)

    view = result_view(a_report(repositories=12, decide=half), str)

    assert not view.is_final
    assert "Nothing is concluded yet" in view.verdict
    assert "2 not judged" in view.rows[0][1]


def test_a_table_holds_text_alone() -> None:
    assert "<script" not in table("x", ("<script>",), [("<script>", "<script>")])


def test_strips_share_one_scale_and_leave_out_arms_without_numbers() -> None:
    unsaid = CannotBeSaid("There is no job.")
    wide, narrow = Amounts(9, 9.0, 1.0, 1.0, 0.5, 2.0), Amounts(9, 4.5, 0.5, 0.5, 0.5, 0.5)

    found = strips([("a", wide), ("x", unsaid), ("b", narrow)], str)

    assert [(one.name, one.low, one.median, one.high) for one in found] == [
        ("a", 25, 50, 100),
        ("b", 25, 25, 25),
    ]

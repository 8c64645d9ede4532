"""One metric decides, and only if it was chosen before results were there."""

from __future__ import annotations

from datetime import timedelta

from codybatch.analysis.statistics.plan import Plan, Role
from codybatch.domain.experiments import Metric
from tests.comparison_kit import CHOSEN_AT

HOUR = timedelta(hours=1)


def test_the_metric_that_was_chosen_before_decides() -> None:
    assert Plan(Metric.ACCEPTED, CHOSEN_AT).role(Metric.ACCEPTED) is Role.PRIMARY
    assert Plan(Metric.COST, CHOSEN_AT, CHOSEN_AT + HOUR).role(Metric.COST) is Role.PRIMARY


def test_one_that_was_chosen_after_results_does_not() -> None:
    late = Plan(Metric.ACCEPTED, CHOSEN_AT, CHOSEN_AT - HOUR)

    assert late.role(Metric.ACCEPTED) is Role.CHOSEN_LATE
    assert Plan(Metric.COST, CHOSEN_AT, CHOSEN_AT).role(Metric.COST) is Role.CHOSEN_LATE


def test_all_others_describe() -> None:
    plan = Plan(Metric.ACCEPTED, CHOSEN_AT)

    assert {plan.role(one) for one in Metric if one is not Metric.ACCEPTED} == {Role.SECONDARY}


def test_less_is_better_of_what_is_spent() -> None:
    assert {one for one in Metric if one.less_is_better} == {Metric.COST, Metric.DURATION}

"""What a form lacks, and what an experiment of its size could show."""

from __future__ import annotations

import re

from codybatch.domain.experiments import Metric
from codybatch.services.preferences import WrittenExperiment
from codybatch.ui.experiments.named import Named, named
from codybatch.ui.experiments.planning import missing, power_of
from tests.contracts.experiment_examples import an_arm

HOST = "github.com"


def points(repositories: int, repetitions: int) -> int:
    told = power_of(Metric.ACCEPTED, repositories, repetitions)
    found = re.search(r"(\d+) points", told)
    assert found, told
    return int(found[1])


def test_more_repositories_and_more_repetitions_show_smaller_differences() -> None:
    assert points(48, 3) < points(12, 3)
    assert points(12, 5) < points(12, 1)
    assert "With 12 repositories" in power_of(Metric.ACCEPTED, 12, 5)


def test_one_repository_shows_no_difference_and_costs_have_no_points() -> None:
    assert "one repository shows no difference" in power_of(Metric.ACCEPTED, 1, 5)
    assert not power_of(Metric.COST, 12, 5)


def test_what_is_missing_is_said_in_the_order_of_the_form() -> None:
    assert missing(WrittenExperiment(), Named(), ()) == (
        "Choose what is compared.",
        "Name the repositories.",
    )
    one, repository = WrittenExperiment(prompts=("tidy@1",)), named("acme/api", HOST)
    assert "one arm has nothing to compare with" in missing(one, repository, [an_arm()])[0]
    truth, arms = one.with_(metric=Metric.CORRECT), [an_arm(1), an_arm(2)]
    assert "whether changes are necessary" in missing(truth, repository, arms)[0]
    assert not missing(one, repository, arms)


def test_a_repository_that_is_named_twice_is_meant_once() -> None:
    found = named("acme/api\nacme/API, acme/web@main https://github.com/acme/web", HOST)

    assert [str(one) for one in found.refs] == ["acme/api", "acme/web@main"]
    assert named("not a name", HOST).problem
    assert named("  ", HOST) == Named()

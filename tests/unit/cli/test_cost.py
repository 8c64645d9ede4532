"""``codybatch jobs cost``: what a job's cost is made of."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from tests.cli_kit import call
from tests.ui_kit import Gallery
from tests.unit.cli.conftest import REPOSITORIES, Finished


def test_the_turns_come_to_what_the_job_cost(finished: Finished) -> None:
    job = finished.job("acme/clocks")

    found = finished.call("jobs", "cost", job["id"], "--json").json

    turns = found["charges"]
    assert [turn["turn"] for turn in turns] == list(range(1, len(turns) + 1))
    assert {turn["fate"] for turn in turns} == {"appended"}
    assert sum(Decimal(turn["costUsd"]) for turn in turns) == Decimal(job["costUsd"])
    assert turns[-1]["totalUsd"] == found["costUsd"] == job["costUsd"]
    assert found["usage"] == job["usage"]
    assert found["uncertainUsd"] == "0"


def test_people_get_a_line_a_turn_and_a_sum_by_its_price_table(finished: Finished) -> None:
    job = finished.job("acme/clocks")["id"]
    found = finished.call("jobs", "cost", job, "--json").json

    *rows, total, savings = finished.call("jobs", "cost", job).text.splitlines()

    assert len(rows) == len(found["charges"])
    number, *_, cost, running, fate = rows[0].split("\t")
    assert (number, cost, fate) == ("1", running, "appended")
    assert total.startswith(f"{rows[-1].split(chr(9))[7]} by {found['priceTable']} (")

    assert "of all prompts came from the cache" in savings


def test_the_share_from_the_cache_is_of_each_prompt_and_of_all(finished: Finished) -> None:
    found = finished.call("jobs", "cost", finished.job("acme/clocks")["id"], "--json").json

    for one in (*found["charges"], found):
        used = one["usage"]
        prompt = sum(count for name, count in used.items() if name != "outputTokens")
        assert one["cached"] == used["cacheReadTokens"] / prompt
    assert Decimal(found["savedUsd"]) == Decimal(found["withoutCacheUsd"]) - Decimal(
        found["costUsd"]
    )


def test_a_request_costs_what_its_jobs_cost_against_what_was_expected(finished: Finished) -> None:
    found = finished.call("requests", "cost", finished.request["id"], "--json").json

    expected = sum(Decimal(job["costUsd"]) for job in finished.request["jobs"])
    assert Decimal(found["total"]["costUsd"]) == expected
    assert {one["name"] for one in found["items"]} == set(REPOSITORIES)
    assert found["estimate"] == finished.request["estimate"]
    shown = finished.call("requests", "cost", finished.request["id"]).text
    assert "\nEstimated at about $" in shown


@pytest.mark.parametrize(
    ("by", "names"),
    [
        ("model", None),
        ("prompt", {"replace-utcnow"}),
        ("repository", set(REPOSITORIES)),
        ("person", {"dana"}),
    ],
)
def test_spending_is_summed_up_by_what_the_jobs_were(
    finished: Finished, by: str, names: set[str] | None
) -> None:
    found = finished.call("costs", "--by", by, "--json").json

    assert found["total"]["jobs"] == sum(one["jobs"] for one in found["items"]) == 3
    assert found["total"]["succeeded"] == 3
    assert names is None or {one["name"] for one in found["items"]} == names
    costs = [Decimal(one["costUsd"]) for one in found["items"]]
    assert costs == sorted(costs, reverse=True)


def test_spending_by_day_begins_where_it_is_asked_to(finished: Finished) -> None:
    assert len(finished.call("costs").text.splitlines()) == 1
    tomorrow = finished.call("costs", "--since", "2999-01-01")
    assert tomorrow.status == 2
    assert "lies in the future" in tomorrow.sentence
    assert finished.call("costs", "--since", "0d").text.startswith("No job was submitted since 0d")
    wrong = finished.call("costs", "--by", "weather")
    assert (wrong.status, "is no group" in wrong.sentence) == (2, True)


def test_a_job_that_asked_nothing_says_so(tmp_path: Path) -> None:
    gallery = Gallery(tmp_path)
    job = gallery.queued()
    gallery.close()

    said = call("jobs", "cost", job.id, environment={"CODYBATCH_HOME": str(tmp_path)})

    assert said.text.startswith("Nothing yet")

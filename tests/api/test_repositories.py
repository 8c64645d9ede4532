"""Repositories, estimates and costs over HTTP."""

from __future__ import annotations

import pytest

from codybatch.api.routes import costs
from tests.api.conftest import SUBMISSION, Served
from tests.cli_kit import call


def test_repositories_are_chosen_with_the_reasons_for_the_others(api: Served) -> None:
    path = "/v1/repositories?name=acme/clocks&name=evil/x&name=acme/gone&owned=true"

    found = api.of("ann").get(path).json

    environment = api.world.settings.as_environment()
    names = ("acme/clocks", "evil/x", "acme/gone")
    listed = call("repos", "list", *names, "--owned", "--json", environment=environment)
    assert found == listed.json
    assert [one["repository"] for one in found["chosen"]] == ["acme/clocks"]
    assert {one["repository"]: one["because"] for one in found["leftOut"]} == {
        "evil/x": "not_allowed",
        "acme/gone": "unusable",
    }


def test_somewhere_to_look_must_be_named(api: Served) -> None:
    refused = api.of("ann").get("/v1/repositories?language=Python")

    assert (refused.status, refused.problem) == (422, "invalid_selection")


def test_sizes_and_days_are_checked(api: Served) -> None:
    ann = api.of("ann")

    assert ann.get("/v1/repositories?name=a/b&minSizeKb=-1").status == 422
    assert ann.get("/v1/repositories?name=a/b&minSizeKb=9&maxSizeKb=1").status == 422
    assert ann.get("/v1/repositories?name=a/b&pushedSince=someday").status == 400
    assert ann.get("/v1/repositories?name=nonsense").status == 422


def test_an_estimate_says_what_a_request_may_cost_and_stores_nothing(api: Served) -> None:
    before = len(api.of("ann").get("/v1/requests?limit=200").json["items"])

    forecast = api.of("ann").post("/v1/estimate", SUBMISSION).json

    assert len(forecast["repositories"]) == 3
    low, high = (float(forecast[name]) for name in ("lowUsd", "highUsd"))
    assert 0 < low <= high
    assert len(api.of("ann").get("/v1/requests?limit=200").json["items"]) == before


def test_what_jobs_cost_is_summed_up(api: Served) -> None:
    ann = api.of("ann")

    by_repository = ann.get("/v1/costs?by=repository").json
    of_request = ann.get(f"/v1/requests/{api.request['id']}/cost").json

    assert by_repository["by"] == "repository"
    assert {one["name"] for one in of_request["items"]} <= {
        one["name"] for one in by_repository["items"]
    }
    assert of_request["total"]["jobs"] == 3
    assert ann.get("/v1/costs?since=tomorrow").status == 400


@pytest.mark.parametrize("by", ["day", "person"])
def test_no_more_jobs_are_summed_up_than_one_answer_may_read(
    api: Served, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    monkeypatch.setattr(costs, "MOST_JOBS", 2)

    refused = api.of("ann").get(f"/v1/costs?by={by}")

    assert (refused.status, refused.problem) == (400, "too_many_to_sum")
    assert "Ask for a later since" in refused.json["detail"]

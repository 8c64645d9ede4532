"""How far a token that may submit reaches: no further than the settings, by whatever way."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.conftest import SUBMISSION, Served

SMALL = {**SUBMISSION, "repositories": ["acme/clean"]}


def newest(api: Served) -> Any:
    return api.of("sue").get("/v1/requests?limit=1").json["items"][0]["id"]


@pytest.mark.parametrize(
    ("options", "scope", "setting"),
    [
        ({"publish": "branch"}, "publish", "CODYBATCH_PUBLISH is 'none'"),
        ({"publish": "ready"}, "publish", "CODYBATCH_PUBLISH is 'none'"),
        ({"jobCostCapUsd": "none"}, "admin", "CODYBATCH_JOB_COST_CAP_USD is 2"),
        ({"jobCostCapUsd": "2.000001"}, "admin", "CODYBATCH_JOB_COST_CAP_USD is 2"),
        ({"requestCostCapUsd": "none"}, "admin", "CODYBATCH_REQUEST_COST_CAP_USD is 10"),
        ({"requestCostCapUsd": "10.5"}, "admin", "CODYBATCH_REQUEST_COST_CAP_USD is 10"),
    ],
)
def test_what_goes_beyond_a_setting_needs_another_scope_and_leaves_no_record(
    api: Served, options: dict[str, str], scope: str, setting: str
) -> None:
    before = newest(api)

    refused = api.of("sue").post("/v1/requests", {**SMALL, "options": options})

    (name,) = options
    assert (refused.status, refused.problem) == (403, "scope_missing")
    assert f"no scope '{scope}', which options.{name}" in refused.json["detail"]
    assert setting in refused.json["detail"]
    assert f'scope="{scope}"' in refused.headers["www-authenticate"]
    assert newest(api) == before


@pytest.mark.parametrize("name", ["jobCostCapUsd", "requestCostCapUsd"])
def test_a_token_that_may_publish_still_raises_no_cap(api: Served, name: str) -> None:
    refused = api.of("ann").post("/v1/requests", {**SMALL, "options": {name: "none"}})

    assert (refused.status, refused.problem) == (403, "scope_missing")


def test_as_far_as_the_settings_go_the_scope_submit_is_enough(api: Served) -> None:
    options = {"publish": "none", "jobCostCapUsd": "2", "requestCostCapUsd": "10"}

    taken = api.of("sue").post("/v1/requests", {**SMALL, "options": options})

    assert taken.status == 201, taken.body


def test_an_admin_goes_beyond_them(api: Served) -> None:
    options = {"publish": "branch", "jobCostCapUsd": "none", "requestCostCapUsd": "none"}

    taken = api.of("root").post("/v1/requests", {**SMALL, "options": options})

    assert taken.status == 201, taken.body
    assert taken.json["options"]["jobCostCapUsd"] is None


@pytest.mark.parametrize("after", ["retry", "follow-up"])
def test_going_on_from_what_others_published_publishes_nothing_for_it(
    api: Served, after: str
) -> None:
    job = api.job("acme/clocks")["id"]
    body = {"text": "Do it again."} if after == "follow-up" else {}
    own = f"/v1/jobs/{job}/{after}"

    refused = api.of("sue").post(own, body)
    capped = api.of("sue").post(own, {**body, "options": {"publish": "none", "jobCostCapUsd": "3"}})

    assert (refused.status, refused.problem) == (403, "scope_missing")
    assert "options.publish 'draft'" in refused.json["detail"]
    assert "options.jobCostCapUsd 3" in capped.json["detail"]


def test_going_on_from_a_whole_request_is_no_way_round(api: Served) -> None:
    path = f"/v1/requests/{api.request['id']}/follow-up"

    refused = api.of("sue").post(path, {"text": "Do it again."})

    assert (refused.status, refused.problem) == (403, "scope_missing")
    assert "options.publish 'draft'" in refused.json["detail"]

"""Jobs over HTTP: listed, shown, followed, gone on from."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.api.conftest import Served
from tests.cli_kit import call


def test_a_job_is_shown_as_the_command_line_prints_it(api: Served) -> None:
    job = api.job("acme/clocks")["id"]

    shown = api.of("ann").get(f"/v1/jobs/{job}").json

    environment = api.world.settings.as_environment()
    assert shown == call("jobs", "show", job, "--json", environment=environment).json


@pytest.mark.parametrize("what", ["events", "cost"])
def test_what_is_asked_of_a_job_is_what_the_command_line_prints(api: Served, what: str) -> None:
    job = api.job("acme/clocks")["id"]

    shown = api.of("ann").get(f"/v1/jobs/{job}/{what}").json

    environment = api.world.settings.as_environment()
    assert shown == call("jobs", what, job, "--json", environment=environment).json


def test_events_go_on_after_a_number(api: Served) -> None:
    job = api.job("acme/clocks")["id"]
    every = api.of("ann").get(f"/v1/jobs/{job}/events").json

    rest = api.of("ann").get(f"/v1/jobs/{job}/events?after={every[2]['sequence']}").json

    assert rest == every[3:]


def test_pages_lead_to_each_other_by_cursor_and_by_link(api: Served) -> None:
    ann = api.of("ann")
    path, found, links = f"/v1/jobs?limit=1&request={api.request['id']}", [], 0

    while path:
        page = ann.get(path)
        found += [job["repository"] for job in page.json["items"]]
        link = page.headers.get("link", "")
        assert bool(link) is (page.json["cursor"] is not None)
        path = link.removeprefix("<").removesuffix('>; rel="next"')
        links += bool(link)

    assert found == ["acme/clocks", "acme/clean", "upstream/clocks"]
    assert links == 2


@pytest.mark.parametrize(
    ("query", "repositories"),
    [
        ("repository=acme/clean", {"acme/clean"}),
        ("state=succeeded&limit=100", {"acme/clocks", "acme/clean", "upstream/clocks"}),
        ("state=failed", set()),
        ("prompt=utcnow&limit=100", {"acme/clocks", "acme/clean", "upstream/clocks"}),
        ("prompt=another", set()),
        ("search=utcnow%20clean", {"acme/clean"}),
        ("search=utcnow%20nowhere", set()),
    ],
)
def test_lists_take_the_filters_of_the_command_line(
    api: Served, query: str, repositories: set[str]
) -> None:
    found = api.of("ann").get(f"/v1/jobs?{query}").json["items"]

    assert {job["repository"] for job in found} == repositories


def test_mine_are_the_tokens_own(api: Served) -> None:
    assert api.of("judy").get("/v1/jobs?mine=true").json["items"] == []
    mine = api.of("ann").get("/v1/jobs?mine=true&limit=200").json["items"]
    assert {job["requester"] for job in mine} == {"ann"}


def test_two_filters_at_once_are_refused(api: Served) -> None:
    refused = api.of("ann").get("/v1/jobs?state=failed&prompt=utcnow")

    assert (refused.status, refused.problem) == (400, "usage_error")
    assert "one filter at a time; these are 2: prompt, state" in refused.json["detail"]


@pytest.mark.parametrize(
    "cursor", ["forged", "WyJhYmNkZWZnaCIsMV0", "W" * 500, "ü", "\U0001f4a5", "../..", "0"]
)
def test_a_forged_cursor_is_refused(api: Served, cursor: str) -> None:
    refused = api.of("ann").get(f"/v1/jobs?cursor={quote(cursor)}")

    assert (refused.status, refused.problem) == (400, "invalid_cursor")


def test_a_cursor_of_another_list_is_refused(api: Served) -> None:
    cursor = api.of("ann").get("/v1/jobs?limit=1").json["cursor"]

    refused = api.of("ann").get(f"/v1/jobs?limit=1&state=succeeded&cursor={cursor}")

    assert (refused.status, refused.problem) == (400, "invalid_cursor")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=" + "9" * 5000, "limit"),
        ("limit=many", "limit"),
        ("state=lost", "state"),
        ("mine=1", "mine"),
        ("colour=red", "colour"),
        ("search=" + "x" * 501, "search"),
    ],
)
def test_a_parameter_that_cannot_be_taken_is_named(api: Served, query: str, field: str) -> None:
    refused = api.of("ann").get(f"/v1/jobs?{query}")

    assert (refused.status, refused.problem) == (422, "invalid_field")
    assert [one["field"] for one in refused.json["errors"]] == [field]


@pytest.mark.parametrize("job", ["nonsense", "01h455vb4pex5vsknk084sn02q-1", "%F0%9F%92%A5"])
def test_there_is_no_job_with_another_id(api: Served, job: str) -> None:
    assert api.of("ann").get(f"/v1/jobs/{job}").status == 404


def test_a_job_that_has_ended_cannot_be_cancelled(api: Served) -> None:
    refused = api.of("ann").post(f"/v1/jobs/{api.job('acme/clean')['id']}/cancel")

    assert (refused.status, refused.problem) == (409, "job_ended")


def test_a_job_is_retried_and_followed_up_as_requests_of_their_own(api: Served) -> None:
    ann, job = api.of("ann"), api.job("acme/clean")["id"]

    retried = ann.post(f"/v1/jobs/{job}/retry", {"options": {"publish": "none"}})
    assert retried.status == 201, retried.body
    (again,) = retried.json["jobs"]
    assert api.world.wait_for(again["id"]).lineage.parent == job
    followed = ann.post(
        f"/v1/jobs/{again['id']}/follow-up", {"text": "Look again.", "options": {"maxTurns": 7}}
    )

    assert followed.status == 201, followed.body
    assert followed.json["options"]["maxTurns"] == 7
    assert followed.json["origin"] == {
        **followed.json["origin"],
        "kind": "follow_up",
        "job": again["id"],
    }
    api.world.wait_for(followed.json["jobs"][0]["id"])
    (child,) = ann.get(f"/v1/jobs/{job}").json["continuedBy"]
    assert (child["id"], child["relation"]) == (again["id"], "retry")


def test_nothing_follows_up_on_a_request_without_words(api: Served) -> None:
    refused = api.of("ann").post(f"/v1/requests/{api.request['id']}/follow-up", {"text": " \n"})

    assert (refused.status, refused.json["errors"][0]["field"]) == (422, "text")

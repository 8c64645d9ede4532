"""After the job over HTTP: verdicts, publication, pull requests."""

from __future__ import annotations

from tests.api.conftest import Served


def test_a_verdict_is_given_replaced_and_taken_back(api: Served) -> None:
    path = f"/v1/jobs/{api.job('acme/clocks')['id']}"
    judy = api.of("judy")

    given = judy.put(f"{path}/verdict", {"decision": "reject", "reasons": ["style"], "rating": 2})
    assert (given.json["rater"], given.json["reasons"]) == ("judy", ["style"])
    judy.put(f"{path}/verdict", {"decision": "accept", "comment": "On second thoughts."})
    (verdict,) = judy.get(f"{path}/verdicts").json
    assert (verdict["decision"], verdict["rating"]) == ("accept", None)

    taken = judy.delete(f"{path}/verdict")
    assert (taken.status, taken.body) == (204, b"")
    assert judy.get(f"{path}/verdicts").json == []
    assert judy.delete(f"{path}/verdict").status == 404


def test_a_verdict_that_cannot_be_is_refused(api: Served) -> None:
    path = f"/v1/jobs/{api.job('acme/clocks')['id']}/verdict"
    judy = api.of("judy")

    for body, field in (
        ({"decision": "maybe"}, "decision"),
        ({"decision": "accept", "rating": 6}, "rating"),
        ({"decision": "accept", "rating": "5"}, "rating"),
        ({"decision": "accept", "rater": "somebody else"}, "rater"),
        ({}, "decision"),
    ):
        refused = judy.put(path, body)
        assert (refused.status, refused.json["errors"][0]["field"]) == (422, field)
    assert judy.put(path, {"decision": "accept", "reasons": ["mood"]}).status == 400


def test_what_is_published_already_stays_as_it_is(api: Served) -> None:
    job = api.job("acme/clocks")

    done = api.of("pat").post(f"/v1/jobs/{job['id']}/publish", {})

    assert done.json["outcome"] == "already_published"
    assert done.json["publication"]["url"] == job["publication"]["url"]


def test_what_may_not_be_published_stays_withheld_whatever_is_overridden(api: Served) -> None:
    job = api.job("upstream/clocks")

    done = api.of("pat").post(f"/v1/jobs/{job['id']}/publish", {"override": True}).json

    assert (done["outcome"], done["publication"]["reasons"]) == ("withheld", ["not_owned"])


def test_a_pull_request_is_looked_at_again(api: Served) -> None:
    job = api.job("acme/clocks")

    (looked,) = api.of("pat").post(f"/v1/jobs/{job['id']}/refresh").json["items"]
    found = api.of("pat").post(f"/v1/requests/{api.request['id']}/refresh").json

    assert looked["pullRequest"]["state"] == "open"
    assert [one["job"] for one in found["items"]] == [job["id"]]

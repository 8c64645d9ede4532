"""Requests over HTTP: submitted, listed, shown, changed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from tests.api.conftest import SUBMISSION, Served


def test_a_submitted_request_is_shown_with_what_its_jobs_came_to(api: Served) -> None:
    assert api.submitted.headers["location"] == f"/v1/requests/{api.request['id']}"
    assert api.submitted.json["requester"] == "ann"
    assert api.submitted.json["notices"] == []
    assert [job["state"] for job in api.request["jobs"]] == ["succeeded"] * 3
    assert api.job("acme/clocks")["publication"]["kind"] == "pull_request"
    assert api.job("acme/clean")["wereChangesNecessary"] is False


def test_the_same_key_again_is_the_same_request_and_says_so(api: Served) -> None:
    again = api.of("ann").post("/v1/requests", SUBMISSION, idempotency_key="first")

    assert again.status == 200
    assert again.headers["idempotency-replayed"] == "true"
    assert again.json["id"] == api.request["id"]


def test_the_same_key_for_another_request_is_a_conflict(api: Served) -> None:
    other = {**SUBMISSION, "title": "Another"}

    refused = api.of("ann").post("/v1/requests", other, idempotency_key="first")

    assert (refused.status, refused.problem) == (409, "idempotency_conflict")


def test_the_same_key_of_another_person_is_another_request(api: Served) -> None:
    submission = {**SUBMISSION, "options": {"publish": "none"}, "repositories": ["acme/clean"]}

    theirs = api.of("root").post("/v1/requests", submission, idempotency_key="first")

    assert theirs.status == 201
    assert theirs.json["id"] != api.request["id"]
    assert theirs.json["requester"] == "root"


def test_submits_that_race_under_one_key_make_one_request(api: Served) -> None:
    submission = {**SUBMISSION, "options": {"publish": "none"}, "repositories": ["acme/clean"]}

    def submit(_: int) -> tuple[int, str]:
        reply = api.of("ann").post("/v1/requests", submission, idempotency_key="race")
        return reply.status, reply.json["id"]

    with ThreadPoolExecutor(4) as pool:
        replies = list(pool.map(submit, range(4)))

    assert sorted(status for status, _ in replies) == [200, 200, 200, 201]
    assert len({request for _, request in replies}) == 1

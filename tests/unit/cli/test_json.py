"""The fields of the JSON that programs read: these lists are a promise."""

from __future__ import annotations

from tests.unit.cli.conftest import Finished

RESULT = [
    "id",
    "repository",
    "commit",
    "state",
    "endedBecause",
    "wereChangesNecessary",
    "title",
    "summary",
    "patch",
    "findings",
    "answer",
    "publication",
    "usage",
    "costUsd",
]
PATCH = ["files", "additions", "deletions", "sha256"]
REQUEST = [
    "id",
    "title",
    "prompt",
    "kind",
    "promptText",
    "variables",
    "repositories",
    "skipped",
    "options",
    "budget",
    "estimate",
    "requester",
    "createdAt",
    "origin",
    "counts",
    "releasedAt",
    "jobs",
]


def test_a_submitted_request_has_these_fields_and_no_others(finished: Finished) -> None:
    assert sorted(finished.request) == sorted([*REQUEST, "notices"])
    for job in finished.request["jobs"]:
        assert sorted(job) == sorted(RESULT)


def test_a_patch_is_its_numbers_and_its_digest_or_null(finished: Finished) -> None:
    assert sorted(finished.job("acme/clocks")["patch"]) == sorted(PATCH)
    assert len(finished.job("acme/clocks")["patch"]["sha256"]) == 64
    assert finished.job("acme/clean")["patch"] is None


def test_a_publication_says_its_kind_its_reasons_and_its_address(finished: Finished) -> None:
    published = finished.job("acme/clocks")["publication"]
    withheld = finished.job("upstream/clocks")["publication"]

    assert (published["kind"], published["reasons"]) == ("pull_request", [])
    assert published["url"].endswith("/acme/clocks/pull/1")
    assert (withheld["kind"], withheld["reasons"]) == ("withheld", ["not_owned"])
    assert withheld["url"] is None


def test_what_became_of_a_job_is_said_in_plain_values(finished: Finished) -> None:
    changed, clean = finished.job("acme/clocks"), finished.job("acme/clean")

    assert changed["state"] == "succeeded"
    assert changed["endedBecause"] == "finished"
    assert (changed["wereChangesNecessary"], clean["wereChangesNecessary"]) == (True, False)
    assert len(changed["commit"]) == 40
    assert float(changed["costUsd"]) > 0
    assert changed["usage"]["outputTokens"] > 0
    assert changed["answer"] is None


def test_a_request_shown_later_is_what_the_submission_printed(finished: Finished) -> None:
    shown = finished.call("requests", "show", finished.request["id"], "--json")

    assert {**shown.json, "notices": []} == finished.request


def test_a_job_shown_alone_has_its_result_and_all_else_that_is_recorded(
    finished: Finished,
) -> None:
    job = finished.job("acme/clocks")

    shown = finished.call("jobs", "show", job["id"], "--json").json

    assert {name: shown[name] for name in RESULT if name != "patch"} == {
        name: job[name] for name in RESULT if name != "patch"
    }
    assert shown["patch"]["paths"] == ["clocks/now.py"]
    assert shown["request"] == finished.request["id"]
    assert not {"lease", "version", "thread"} & set(shown)

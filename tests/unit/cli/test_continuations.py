"""``jobs retry | follow-up``, ``requests retry | follow-up``, and how a lineage is shown."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from codybatch.domain.jobs import Job
from codybatch.domain.states import EndedBecause
from codybatch.engines.local.engine import LocalEngine
from tests.cli_kit import Call, call
from tests.unit.services.still import Still, still

FAILED = EndedBecause.INTERNAL_ERROR


@pytest.fixture(scope="module")
def s(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Still]:
    with still(tmp_path_factory.mktemp("still")) as opened, pytest.MonkeyPatch.context() as patch:
        patch.setattr(LocalEngine, "ensure_dispatcher", lambda _: None)
        yield opened


def run(s: Still, *arguments: str) -> Call:
    return call(*arguments, environment=s.world.settings.as_environment())


def facts_of(s: Still, job: Job | str) -> dict[str, str]:
    done = run(s, "jobs", "show", job if isinstance(job, str) else job.id)
    lines = [line for line in done.text.splitlines() if line[:1].strip()]
    return {line[:12].strip(): line[12:].strip() for line in lines}


def test_a_retry_is_a_new_request_with_what_is_said_otherwise(s: Still) -> None:
    first = s.ended(FAILED, max_turns=7)

    made = run(
        s,
        *("jobs", "retry", first.id, "--max-turns", "9", "--publish", "draft", "--json"),
        *("--max-cost", "2", "--job-cost", "none", "--effort", "low"),
    ).json

    (job,) = made["jobs"]
    assert (job["state"], job["repository"]) == ("queued", first.repository.full_name)
    assert made["origin"]["kind"] == "retry"
    assert (made["origin"]["job"], made["origin"]["request"]) == (first.id, first.request)
    assert (made["options"]["maxTurns"], made["options"]["publish"]) == (9, "draft")
    assert (made["budget"]["capUsd"], made["options"]["jobCostCapUsd"]) == ("2", None)
    assert made["options"]["effort"] == "low"
    assert made["notices"] == []


def test_a_follow_up_says_what_to_know_and_how_to_watch_it(s: Still) -> None:
    first = s.published()
    s.world.github.close_pull_request(first.repository.full_name, 1)

    done = run(s, "jobs", "follow-up", first.id, "Also update the tests.")

    (job,) = [one for one in s.records.lineage(first.id) if one.id != first.id]
    assert done.status == 0
    assert f"Submitted request: {job.request} (Also update the tests.)" in done.err
    assert f"Note: The pull request {first.publication.url} is closed" in done.err
    assert f"codybatch jobs wait {job.id}" in done.err


def test_the_same_command_twice_submits_once(s: Still) -> None:
    first = s.ended()
    command = ("jobs", "follow-up", first.id, "And the docs.")

    once, twice = run(s, *command), run(s, *command)

    assert (once.status, twice.status) == (0, 0)
    assert "This request was submitted before" in twice.err
    assert len(s.records.lineage(first.id)) == 2


def test_a_request_is_retried_and_followed_up_as_a_whole(s: Still) -> None:
    fine, bad = s.submitted(s.repository(), s.repository())
    s.end(fine)
    s.end(bad, FAILED, patch=None)

    retried = run(s, "requests", "retry", fine.request, "--json").json
    blocked = run(s, "requests", "follow-up", fine.request, "And the docs.")
    s.end(s.world.app.jobs.find(retried["jobs"][0]["id"]))
    followed = run(s, "requests", "follow-up", fine.request, "And the docs.", "--json").json

    assert [job["repository"] for job in retried["jobs"]] == [bad.repository.full_name]
    assert retried["notices"] == [f"{fine.id} succeeded."]
    assert (blocked.status, retried["jobs"][0]["id"] in blocked.sentence) == (2, True)
    assert [job["repository"] for job in followed["jobs"]] == [fine.repository.full_name]
    assert followed["origin"]["kind"] == "follow_up"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("jobs", "retry", "QUEUED"), ("QUEUED has not ended", "codybatch jobs wait QUEUED")),
        (("jobs", "retry", "FINE", "OTHER"), ("2 requests", "a call of their own")),
        (("jobs", "retry", "x"), ("'x' is not the id of a job",)),
        (("jobs", "retry", "01hzzzzzzzzzzzzzzzzzzzzzzz-1"), ("There is no job",)),
        (("jobs", "follow-up", "FINE", " "), ("its text is empty",)),
        (("jobs", "follow-up", "FINE", "x", "--publish", "now"), ("--publish takes",)),
        (("jobs", "retry", "FINE", "--max-cost", "0"), ("--max-cost takes US dollars",)),
        (("jobs", "retry", "FINE", "--max-turns", "0"), ("--max-turns",)),
        (("requests", "retry", "REQUEST"), ("No job of the request", "FINE succeeded")),
        (("requests", "follow-up", "x", "More."), ("'x' is not the id of a request",)),
    ],
    ids=lambda part: " ".join(part) if isinstance(part, tuple) else str(part),
)
def test_what_cannot_be_continued_is_refused_in_a_sentence(
    s: Still, arguments: tuple[str, ...], words: tuple[str, ...]
) -> None:
    fine, other, (queued,) = s.ended(), s.ended(), s.submitted()
    names = {"FINE": fine.id, "OTHER": other.id, "QUEUED": queued.id, "REQUEST": fine.request}
    before = len(s.records.list_requests().items)

    done = run(s, *(names.get(part, part) for part in arguments))

    assert done.status == 2
    said = done.sentence
    for name, identity in names.items():
        said = said.replace(identity, name)
    assert [word for word in words if word not in said] == []
    assert len(s.records.list_requests().items) == before


def test_a_repository_that_is_not_allowed_any_more_is_a_matter_of_policy(s: Still) -> None:
    first = s.ended(FAILED)
    settings = {
        **s.world.settings.as_environment(),
        "CODYBATCH_ALLOWED_REPOSITORIES": "other/*",
    }

    done = call("jobs", "retry", first.id, environment=settings)

    assert (done.status, "is not allowed" in done.sentence) == (3, True)


def test_a_job_shows_what_it_continues_and_who_continued_it(s: Still) -> None:
    first = s.ended()
    (second,) = s.follow_up(first, text="Also the tests.").created.jobs
    s.end(second, FAILED, patch=None)
    (third,) = s.retry(second).created.jobs

    of_first, of_second, of_third = (facts_of(s, job) for job in (first, second, third))

    assert "Continues" not in of_first
    assert of_first["Continued"] == f"by the follow-up {second.id} (failed)"
    assert of_second["Continues"] == f"follow-up of {first.id} (succeeded)"
    assert of_second["Asked"] == of_third["Asked"] == "Also the tests."
    assert of_second["Continued"] == f"by the retry {third.id} (queued)"
    assert of_third["Lineage"] == f"begun by {first.id}"
    shown = run(s, "jobs", "show", second.id, "--json").json
    assert shown["continuedBy"] == [{"id": third.id, "relation": "retry", "state": "queued"}]
    assert (shown["lineage"]["parent"], "salt" in shown["lineage"]) == (first.id, False)


def test_a_job_says_which_command_goes_on_from_it(s: Still) -> None:
    fine, failed, (queued,) = s.ended(), s.ended(FAILED), s.submitted()
    (newer,) = s.retry(failed).created.jobs
    alone = s.ended(FAILED)

    def hints(job: Job) -> str:
        return run(s, "jobs", "show", job.id).err

    assert f'codybatch jobs follow-up {fine.id} "…"' in hints(fine)
    assert f"codybatch jobs retry {alone.id}" in hints(alone)
    assert f"codybatch jobs show {newer.id}" in hints(failed)
    assert "jobs retry" not in hints(failed) + hints(queued)


def test_a_request_shows_where_it_comes_from(s: Still) -> None:
    first = s.ended()
    retry = s.retry(first).created
    s.end(retry.jobs[0])
    later = s.follow_up(retry.jobs[0], text="Also the tests.").created

    of_retry = run(s, "requests", "show", retry.request.id).text
    of_later = run(s, "requests", "show", later.request.id).text

    assert f"Retry of the job {first.id}\n" in of_retry
    assert f"Follow-up of the job {retry.jobs[0].id}: Also the tests.\n" in of_later

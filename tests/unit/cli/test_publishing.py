"""``jobs publish`` and ``jobs refresh``, over a world whose jobs have ended."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from codybatch.domain.jobs import Job
from codybatch.domain.states import JobState
from tests.cli_kit import ESCAPES, Call, call
from tests.terminal_kit import Terminal
from tests.worker.world import CLEAN, CLOCKS, World, world

WORKFLOW = {".github/workflows/now.py": CLOCKS["clocks/now.py"], "README.md": "# Now\n"}
REPOSITORIES = {
    **{f"acme/plain-{number}": CLOCKS for number in range(1, 8)},
    "acme/gated": WORKFLOW,
    "acme/gated-too": WORKFLOW,
    "acme/clean": CLEAN,
    "upstream/clocks": CLOCKS,
}


class Afterwards:
    """A world in which every job has ended, and nothing was published."""

    def __init__(self, w: World, jobs: tuple[Job, ...]) -> None:
        self.world = w
        self.ids = {job.repository.full_name: job.id for job in jobs}

    def call(self, *arguments: str, **environment: str) -> Call:
        """Run one command of jobs; a repository's name stands for its job."""
        named = [self.ids.get(part, part) for part in arguments]
        settings = {**self.world.settings.as_environment(), **environment}
        return call("jobs", *named, environment=settings)

    def job(self, name: str) -> Job:
        """A repository's job as it is stored."""
        return self.world.app.jobs.find(self.ids[name])

    def pulls(self, name: str) -> list[Any]:
        """A repository's pull requests."""
        return self.world.github.pull_requests(name)


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Afterwards]:
    names = list(REPOSITORIES)
    with world(
        tmp_path_factory.mktemp("world"), REPOSITORIES, max_repositories_per_request=len(names)
    ) as w:
        jobs = w.wait(w.submit(*names))
        assert {job.state for job in jobs} == {JobState.SUCCEEDED}
        yield Afterwards(w, jobs)


# publish


def test_a_patch_is_published_by_one_command_and_said_in_json(ended: Afterwards) -> None:
    done = ended.call("publish", "acme/plain-1", "--json")

    assert done.status == 0, done.err
    (job,) = done.json
    (pull,) = ended.pulls("acme/plain-1")
    assert (job["outcome"], job["error"]) == ("published", None)
    assert job["publication"]["kind"] == "pull_request"
    assert job["publication"]["url"].endswith("/acme/plain-1/pull/1")
    assert job["publication"]["pushedCommit"] == pull.head_oid
    assert not {"hold", "earlierCommits"} & set(job["publication"])
    assert pull.draft
    assert done.err == ""


def test_publishing_again_says_so_and_is_fine(ended: Afterwards) -> None:
    ended.call("publish", "acme/plain-2")

    again = ended.call("publish", "acme/plain-2")

    assert again.status == 0
    assert again.text.split("\t")[1:] == [
        "acme/plain-2",
        "already published",
        f"{ended.job('acme/plain-2').publication.url}\n",
    ]
    assert len(ended.pulls("acme/plain-2")) == 1


def test_people_see_what_happens(ended: Afterwards) -> None:
    done = ended.call("publish", "acme/plain-3", "--as", "ready")

    assert done.status == 0
    told = done.err.splitlines()
    assert told[0] == "dana publishes the patch as a pull request."
    assert told[-1].startswith("Opened pull request #1: http")
    assert [pull.draft for pull in ended.pulls("acme/plain-3")] == [False]


def test_a_branch_alone_becomes_a_pull_request_later(ended: Afterwards) -> None:
    branch = ended.call("publish", "acme/plain-4", "--as", "branch", "--json").json
    assert branch[0]["publication"]["kind"] == "branch_pushed"
    assert ended.pulls("acme/plain-4") == []

    ended.call("publish", "acme/plain-4", "--as", "draft")

    assert len(ended.pulls("acme/plain-4")) == 1


def test_what_needed_no_change_is_nothing_to_publish(ended: Afterwards) -> None:
    done = ended.call("publish", "acme/clean")

    assert (done.status, done.text.split("\t")[2]) == (0, "nothing to publish")


def test_what_the_gate_found_is_refused_with_the_next_step(ended: Afterwards) -> None:
    done = ended.call("publish", "acme/gated")

    assert done.status == 3
    assert "sensitive_path in .github/workflows/now.py" in done.sentence
    assert "--override" in done.sentence
    assert ended.pulls("acme/gated") == []


def test_an_override_where_nobody_can_confirm_it_is_wrong_usage(ended: Afterwards) -> None:
    done = ended.call("publish", "acme/gated", "--override")

    assert done.status == 2
    assert "--yes" in done.sentence
    assert ended.pulls("acme/gated") == []


def test_an_override_is_on_record_and_shown(ended: Afterwards) -> None:
    done = ended.call("publish", "acme/gated", "--override", "--yes", "--json")

    assert done.status == 0, done.err
    assert done.json[0]["publication"]["overriddenBy"] == "dana"
    (pull,) = ended.pulls("acme/gated")
    assert "`dana` looked at it" in pull.body
    assert "dana let it pass." in ended.call("show", "acme/gated").text
    assert "although the gate found" in ended.call("events", "acme/gated").text


@pytest.mark.parametrize(("typed", "status"), [("acme/gated-too", 0), ("yes", 1), ("", 1)])
def test_on_a_terminal_an_override_is_confirmed_by_name(
    ended: Afterwards, typed: str, status: int
) -> None:
    terminal = Terminal(
        *("-m", "codybatch", "jobs", "publish", ended.ids["acme/gated-too"], "--override"),
        columns=120,
        environment=ended.world.settings.as_environment(),
    )
    terminal.read_until(lambda shown: "all the same: " in shown)
    assert "sensitive_path: .github/workflows/now.py" in terminal.shown
    before = len(ended.pulls("acme/gated-too"))

    terminal.type(f"{typed}\n")

    assert terminal.finish() == status, terminal.shown
    shown = ESCAPES.sub("", terminal.shown)
    assert ("Not confirmed, so nothing was published." in shown) is bool(status)
    assert len(ended.pulls("acme/gated-too")) == (before if status else 1)


def test_what_is_not_ours_is_withheld_with_the_next_step(ended: Afterwards) -> None:
    done = ended.call("publish", "upstream/clocks", "--override", "--yes")

    assert done.status == 3
    assert "may not push" in done.sentence
    assert f"codybatch jobs patch {ended.ids['upstream/clocks']}" in done.sentence


def test_several_are_published_and_one_that_fails_spoils_nothing(ended: Afterwards) -> None:
    done = ended.call("publish", "upstream/clocks", "acme/plain-5", "acme/clean", "--json")

    assert done.status == 3
    assert [job["outcome"] for job in done.json] == ["withheld", "published", "nothing_to_publish"]
    assert done.sentence.startswith("upstream/clocks: ")


def test_the_allow_list_of_today_refuses(ended: Afterwards) -> None:
    done = ended.call("publish", "acme/plain-6", CODYBATCH_ALLOWED_REPOSITORIES="other/*")

    assert done.status == 3
    assert "CODYBATCH_ALLOWED_REPOSITORIES" in done.sentence


def test_an_unreachable_code_host_is_a_failure_and_the_next_call_ends_it(
    ended: Afterwards,
) -> None:
    away = {"GITHUB_API_URL": "http://127.0.0.1:9"}

    failed = ended.call("publish", "acme/plain-6", **away)
    done = ended.call("publish", "acme/plain-6")

    assert (failed.status, done.status) == (1, 0), (failed.err, done.err)


@pytest.mark.parametrize("mode", ["none", "merged", ""])
def test_other_modes_are_wrong_usage(ended: Afterwards, mode: str) -> None:
    done = ended.call("publish", "acme/plain-7", "--as", mode)

    assert done.status == 2
    assert "branch, draft or ready" in done.sentence


def test_jobs_that_do_not_exist_are_wrong_usage(ended: Afterwards) -> None:
    for name in ("nonsense", "0" * 26 + "-1"):
        assert ended.call("publish", "acme/plain-7", name).status == 2
    assert ended.pulls("acme/plain-7") == []


def test_the_demonstration_publishes_nothing_later(ended: Afterwards) -> None:
    settings = ended.world.settings.as_environment()

    done = call("--demo", "jobs", "publish", ended.ids["acme/plain-7"], environment=settings)

    assert done.status == 3


# refresh


def test_pull_requests_are_shown_as_they_are_now_with_what_to_do(ended: Afterwards) -> None:
    ended.call("publish", "acme/plain-1")
    (pull,) = ended.pulls("acme/plain-1")
    ended.world.github.set_check("acme/plain-1", pull.head_ref, "tests", "failure")

    done = ended.call("refresh", "acme/plain-1", "acme/clean")

    first, second = (line.split("\t") for line in done.text.splitlines())
    assert first[1] == "acme/plain-1"
    assert first[2].endswith("/pull/1")
    assert first[3:6] == ["draft", "failure", "yes"]
    assert "follow-up" in first[6]
    assert second[1:] == ["acme/clean", "", "", "", "", "It has no pull request."]
    assert "As of 20" in done.err
    assert "1 changed" in done.err
    assert "Its checks failed." in ended.call("show", "acme/plain-1").text


def test_all_open_ones_are_refreshed_in_one_call_to_the_code_host(ended: Afterwards) -> None:
    for name in ("acme/plain-1", "acme/plain-2", "acme/plain-5"):
        ended.call("publish", name)
    ended.world.github.close_pull_request("acme/plain-5", 1)
    ended.world.github.journal.clear()

    found = ended.call("refresh", "--all", "--json").json

    assert len(ended.world.github.requests()) == 1
    states = {item["repository"]: item["pullRequest"]["state"] for item in found["items"]}
    assert states["acme/plain-1"] == states["acme/plain-2"] == "open"
    assert states["acme/plain-5"] == "closed"
    assert found["asOf"].startswith("20")
    left = ended.call("refresh", "--all", "--json").json["items"]
    assert "acme/plain-5" not in {item["repository"] for item in left}


def test_a_closed_pull_request_is_final(ended: Afterwards) -> None:
    ended.call("publish", "acme/plain-7")
    ended.world.github.close_pull_request("acme/plain-7", 1)
    ended.call("refresh", "acme/plain-7")

    done = ended.call("publish", "acme/plain-7", "--override", "--yes")

    assert done.status == 3
    assert "closed is final" in done.sentence
    assert [pull.state for pull in ended.pulls("acme/plain-7")] == ["closed"]


def test_a_requests_pull_requests_are_refreshed(ended: Afterwards) -> None:
    request = ended.job("acme/plain-1").request

    found = ended.call("refresh", "--request", request, "--json").json["items"]

    with_pull = {name for name in ended.ids if ended.job(name).publication.pull_request}
    assert {item["repository"] for item in found} == with_pull


@pytest.mark.parametrize(
    "arguments", [(), ("acme/plain-1", "--all"), ("--all", "--request", "0" * 26)]
)
def test_one_choice_has_to_be_made(ended: Afterwards, arguments: tuple[str, ...]) -> None:
    done = ended.call("refresh", *arguments)

    assert done.status == 2
    assert "one of the three" in done.sentence


def test_where_nothing_is_open_that_is_said(ended: Afterwards, tmp_path: object) -> None:
    done = ended.call("refresh", "--all", CODYBATCH_HOME=str(tmp_path))

    assert done.status == 0
    assert "No pull request is open" in done.text

"""What a person does after a job, command by command, with real processes and real git."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from codybatch.domain.repositories import AllowList
from tests.cli_kit import ESCAPES, Call, call, run
from tests.terminal_kit import Terminal
from tests.worker.world import CLOCKS, UTCNOW, World, world

pytestmark = pytest.mark.timeout(400)

NOW_PY = "clocks/now.py"
RENAME = "Also replace `now` by `current` everywhere."
TOO_LITTLE = "0.0001"
"""US dollars for which no reply can be had."""
WORKFLOW = {".github/workflows/now.py": CLOCKS[NOW_PY], "README.md": "# Now\n"}
FIRST, EDITED, CLOSED = "acme/first", "acme/edited", "acme/closed"
MANAGED = "mona_acme/clocks"
MOVED, CONFLICT, BY_HAND, GATED = "acme/moved", "acme/conflict", "acme/by-hand", "acme/gated"
FAILING, DEARER, AGAIN = "acme/failing", "acme/dearer", "acme/again"
PROPOSED = (FIRST, EDITED, CLOSED, MANAGED)
KEPT = (MOVED, CONFLICT, BY_HAND, GATED)


@pytest.fixture(scope="module")
def w(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    names = (*PROPOSED, *KEPT, FAILING, DEARER, AGAIN)
    files = {name: WORKFLOW if name == GATED else CLOCKS for name in names}
    allowed = AllowList.parse("acme/*,mona_acme/*")
    folder = tmp_path_factory.mktemp("commands")
    with world(folder, files, allowed_repositories=allowed) as opened:
        opened.github.change_repository(MANAGED, permissions={"service": "push"})
        opened.github.add_user("dana")
        for name in (FIRST, MANAGED):
            rights = {"service": "push", "dana": "push", "mona_acme": "push"}
            opened.github.change_repository(name, permissions=rights)
        yield opened


def ours(w: World, *arguments: str, stdin: str = "") -> Call:
    """A command that starts jobs, in a process of its own."""
    return run(*arguments, environment=w.settings.as_environment(), stdin=stdin.encode())


def at_once(w: World, *arguments: str) -> Call:
    """A command that starts no process."""
    return call(*arguments, environment=w.settings.as_environment())


def submitted(w: World, *arguments: str, prompt: Path) -> Call:
    """`codybatch submit` of the usual prompt, waited for."""
    return ours(w, "submit", "--prompt-file", str(prompt), *arguments, "--wait", "--json")


def jobs_of(done: Call) -> dict[str, Any]:
    """The jobs that a command printed, by repository."""
    assert done.out, done.err
    return {job["repository"]: job for job in done.json["jobs"]}


def named(names: Sequence[str]) -> list[str]:
    return [part for name in names for part in ("-r", name)]


def file_at(w: World, name: str, commit: str, path: str = NOW_PY) -> str:
    return w.github.bare(name).git("show", f"{commit}:{path}").decode()


def only_pull(w: World, name: str) -> Any:
    """The repository's one pull request, whose branch is the only one beside the base."""
    (pull,) = w.github.pull_requests(name)
    assert set(w.github.bare(name).branches()) == {"main", pull.head_ref}
    return pull


@pytest.fixture(scope="module")
def prompt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The prompt's file; its name is the prompt's."""
    file = tmp_path_factory.mktemp("prompts") / "utcnow.md"
    file.write_text(UTCNOW)
    return file


@dataclass(frozen=True)
class Proposed:
    """A request whose jobs have pull requests, and its jobs by repository."""

    request: str
    jobs: dict[str, Any]

    def id(self, name: str) -> str:
        """Of a repository's job."""
        return str(self.jobs[name]["id"])


@pytest.fixture(scope="module")
def proposed(w: World, prompt: Path) -> Proposed:
    """Draft pull requests with labels and people."""
    people = ("--reviewer", "mona_acme", "--reviewer", "acme/core", "--assignee", "dana")
    labels = ("--label", "chore", "--label", "good first issue")
    asked = (*named(PROPOSED), "--publish", "draft", *labels, *people)
    done = submitted(w, *asked, prompt=prompt)
    assert done.status == 0, done.err
    return Proposed(done.json["id"], jobs_of(done))


@pytest.fixture(scope="module")
def kept(w: World, prompt: Path) -> Proposed:
    """A request that published nothing."""
    done = submitted(w, *named(KEPT), "--publish", "none", prompt=prompt)
    assert done.status == 0, done.err
    return Proposed(done.json["id"], jobs_of(done))


# labels, reviewers, assignees


@pytest.mark.parametrize("name", [FIRST, MANAGED])
def test_labels_reviewers_and_assignees_arrive(w: World, proposed: Proposed, name: str) -> None:
    pull = w.github.pull_requests(name)[0]

    assert pull.labels == ("chore", "good first issue")
    assert (pull.reviewers, pull.team_reviewers) == (("mona_acme",), ("core",))
    assert pull.assignees == ("dana",)
    assert proposed.jobs[name]["publication"]["pullRequest"]["leftOut"] == []


# a pull request is open already; these come in this order


def test_a_new_request_of_the_prompt_says_so_and_starts_nothing(
    w: World, proposed: Proposed, prompt: Path
) -> None:
    before = len(at_once(w, "requests", "list", "--json").json["items"])

    done = submitted(w, "-r", FIRST, "--publish", "draft", prompt=prompt)

    assert (done.status, done.out) == (3, b"")
    assert proposed.jobs[FIRST]["publication"]["url"] in done.sentence
    assert all(choice in done.sentence for choice in ("update", "another", "skip"))
    assert len(at_once(w, "requests", "list", "--json").json["items"]) == before


def test_skipping_leaves_the_repository_out(w: World, proposed: Proposed, prompt: Path) -> None:
    done = submitted(w, "-r", FIRST, "--publish", "draft", "--existing", "skip", prompt=prompt)

    assert (done.status, done.json["jobs"], done.json["id"]) == (0, [], None)
    assert [one["job"] for one in done.json["skipped"]] == [proposed.id(FIRST)]


def test_updating_moves_the_same_pull_request(w: World, proposed: Proposed, prompt: Path) -> None:
    before = only_pull(w, FIRST)
    w.github.commit(FIRST, {"later.txt": "later\n"})

    done = submitted(w, "-r", FIRST, "--publish", "draft", "--existing", "update", prompt=prompt)

    made, pull = jobs_of(done)[FIRST], only_pull(w, FIRST)
    assert (done.status, done.json["notices"]) == (0, [])
    assert made["publication"]["url"] == proposed.jobs[FIRST]["publication"]["url"]
    assert pull.head_oid == made["publication"]["pushedCommit"] != before.head_oid
    assert file_at(w, FIRST, pull.head_oid, "later.txt") == "later\n"


def test_updating_what_a_person_edited_is_told_before_and_overwrites_nothing(
    w: World, proposed: Proposed, prompt: Path
) -> None:
    branch = proposed.jobs[EDITED]["publication"]["branch"]
    by_hand = w.github.commit(EDITED, {NOW_PY: "by hand\n"}, branch=branch)

    done = submitted(w, "-r", EDITED, "--publish", "draft", "--existing", "update", prompt=prompt)

    made = jobs_of(done)[EDITED]
    (notice,) = done.json["notices"]
    assert "never overwritten" in notice
    assert made["publication"]["reasons"] == ["branch_not_ours"]
    assert only_pull(w, EDITED).head_oid == by_hand
    assert "utcnow" in at_once(w, "jobs", "patch", made["id"]).text


def test_on_a_terminal_a_person_chooses_another_beside_it(
    w: World, proposed: Proposed, prompt: Path
) -> None:
    terminal = Terminal(
        *("-m", "codybatch", "submit", "--prompt-file", str(prompt), "--wait"),
        *("-r", EDITED, "--publish", "draft"),
        columns=100,
        environment=w.settings.as_environment(),
    )
    terminal.read_until(lambda shown: "Which of these" in shown)

    terminal.type("another\n")

    assert terminal.finish() == 0, ESCAPES.sub("", terminal.shown)
    first, second = w.github.pull_requests(EDITED)
    assert (first.state, second.state) == ("open", "open")
    assert first.head_ref == proposed.jobs[EDITED]["publication"]["branch"] != second.head_ref


# retry and follow-up


def test_a_follow_up_is_cumulative_in_the_same_pull_request(w: World, proposed: Proposed) -> None:
    first = proposed.jobs[MANAGED]

    done = ours(w, "jobs", "follow-up", first["id"], RENAME, "--wait", "--json")

    later, pull = jobs_of(done)[MANAGED], only_pull(w, MANAGED)
    assert (done.status, later["commit"]) == (0, first["commit"])
    assert later["publication"]["url"] == first["publication"]["url"]
    text = file_at(w, MANAGED, pull.head_oid)
    assert "def current():" in text
    assert "utcnow" not in text
    shown = at_once(w, "jobs", "show", first["id"]).text
    assert f"by the follow-up {later['id']} (succeeded)" in shown
    assert f"follow-up of {first['id']}" in at_once(w, "jobs", "show", later["id"]).text


def test_a_request_is_retried_where_it_failed_and_then_followed_up(w: World, prompt: Path) -> None:
    both = named((FAILING, DEARER))
    failed = submitted(w, *both, "--publish", "draft", "--job-cost", TOO_LITTLE, prompt=prompt)
    assert (failed.status, failed.json["counts"]["partial"]) == (1, 2)
    request = failed.json["id"]

    retried = ours(w, "requests", "retry", request, "--job-cost", "1", "--wait", "--json")
    again = at_once(w, "requests", "retry", request)
    followed = ours(w, "requests", "follow-up", retried.json["id"], RENAME, "--wait", "--json")

    assert (retried.status, again.status, followed.status) == (0, 2, 0), followed.err
    assert "was continued by" in again.sentence
    assert retried.json["options"]["jobCostCapUsd"] == "1"
    for name, job in jobs_of(followed).items():
        pull = only_pull(w, name)
        assert pull.head_oid == job["publication"]["pushedCommit"]
        assert "def current():" in file_at(w, name, pull.head_oid)


def test_a_retry_takes_the_head_of_now_or_the_same_commit_and_other_options(
    w: World, prompt: Path
) -> None:
    first = jobs_of(submitted(w, "-r", AGAIN, prompt=prompt))[AGAIN]
    head = w.github.commit(AGAIN, {"later.txt": "later\n"})

    pinned = ours(w, "jobs", "retry", first["id"], "--same-commit", "--wait", "--json")
    moved = ours(
        w,
        *("jobs", "retry", first["id"], "--publish", "ready", "--max-turns", "30"),
        *("--max-minutes", "5", "--max-cost", "3", "--wait", "--json"),
    )

    assert jobs_of(pinned)[AGAIN]["commit"] == first["commit"] != head
    assert jobs_of(pinned)[AGAIN]["patch"] == first["patch"]
    assert jobs_of(moved)[AGAIN]["commit"] == head
    options = moved.json["options"]
    assert (options["maxTurns"], options["maxMinutes"], options["publish"]) == (30, 5, "ready")
    assert moved.json["budget"]["capUsd"] == "3"
    assert only_pull(w, AGAIN).draft is False


# publish: withheld, unpublished, a base that moved, a branch that was edited, a closed one


def test_a_base_that_moved_is_told_either_way(w: World, kept: Proposed) -> None:
    head = w.github.commit(MOVED, {"CHANGES.md": "Something else.\n"})
    w.github.commit(CONFLICT, {NOW_PY: "def something_else():\n    pass\n"})

    done = at_once(w, "jobs", "publish", kept.id(MOVED), kept.id(CONFLICT), "--json")

    merged, conflict = done.json
    assert done.status == 1
    assert (merged["outcome"], conflict["outcome"]) == ("published", "withheld")
    assert head[:12] in merged["publication"]["detail"]
    assert file_at(w, MOVED, f"{only_pull(w, MOVED).head_oid}~", "CHANGES.md")
    assert conflict["publication"]["reasons"] == ["base_conflict"]
    assert w.github.pull_requests(CONFLICT) == []
    shown = at_once(w, "jobs", "show", kept.id(CONFLICT)).text
    assert "Withheld    The base branch moved on" in shown
    assert f"codybatch jobs retry {kept.id(CONFLICT)}" in shown
    assert "moved on from" in at_once(w, "jobs", "events", kept.id(MOVED)).text


def test_a_branch_that_a_person_edited_is_never_overwritten(w: World, kept: Proposed) -> None:
    job = kept.id(BY_HAND)
    pushed = at_once(w, "jobs", "publish", job, "--as", "branch", "--json").json[0]
    branch = pushed["publication"]["branch"]
    by_hand = w.github.commit(BY_HAND, {NOW_PY: "by hand\n"}, branch=branch)

    for override in ((), ("--override", "--yes")):
        done = at_once(w, "jobs", "publish", job, "--as", "draft", *override)
        assert (done.status, "never overwritten" in done.sentence) == (3, True)

    assert w.github.bare(BY_HAND).branch(branch) == by_hand
    assert w.github.pull_requests(BY_HAND) == []


def test_what_the_gate_withheld_is_published_by_a_person_on_record(
    w: World, kept: Proposed
) -> None:
    job = kept.id(GATED)

    refused = at_once(w, "jobs", "publish", job)
    unconfirmed = at_once(w, "jobs", "publish", job, "--override")
    published = at_once(w, "jobs", "publish", job, "--override", "--yes")
    again = at_once(w, "jobs", "publish", job)

    statuses = [each.status for each in (refused, unconfirmed, published, again)]
    assert statuses == [3, 2, 0, 0], published.err
    assert "sensitive_path in .github/workflows/now.py" in refused.sentence
    assert "already published" in again.text
    assert "dana" in only_pull(w, GATED).body
    assert "dana let it pass." in at_once(w, "jobs", "show", job).text


def test_a_closed_pull_request_stays_closed_whatever_is_tried(w: World, proposed: Proposed) -> None:
    job = proposed.id(CLOSED)
    head = w.github.close_pull_request(CLOSED, 1).head_oid

    looked = at_once(w, "jobs", "refresh", "--request", proposed.request, "--json").json["items"]
    published = at_once(w, "jobs", "publish", job, "--override", "--yes")
    followed = ours(w, "jobs", "follow-up", job, RENAME, "--wait", "--json")

    states = {one["repository"]: one["pullRequest"]["state"] for one in looked}
    assert (states[CLOSED], states[FIRST]) == ("closed", "open")
    assert (published.status, "closed is final" in published.sentence) == (3, True)
    later = jobs_of(followed)[CLOSED]
    assert later["publication"]["reasons"] == ["pull_request_closed"]
    assert later["patch"] is not None
    assert "is closed" in followed.json["notices"][0]
    assert (only_pull(w, CLOSED).state, only_pull(w, CLOSED).head_oid) == ("closed", head)


# judge


def test_a_result_is_rated_and_the_verdict_shown(w: World, proposed: Proposed) -> None:
    job = proposed.id(FIRST)
    said = ("--rating", "2", "--reason", "too large", "--comment", "Split it.")

    rated = at_once(w, "jobs", "rate", job, "reject", *said, "--json")
    listed = at_once(w, "jobs", "verdicts", job, "--json")

    assert (rated.status, rated.json) == (0, listed.json)
    assert [(one["rater"], one["rating"]) for one in listed.json] == [("dana", 2)]
    assert "dana rejects 2/5 (too large): Split it." in at_once(w, "jobs", "show", job).text

"""What was answered before is asked for on condition, and costs nothing."""

from __future__ import annotations

import sqlite3
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from codybatch.domain.repositories import RepositoryRef
from codybatch.domain.selection import Source, SourceKind
from codybatch.github.answers import Answer, Answers
from codybatch.github.code_host import GitHubCodeHost
from codybatch.github.write_gate import WriteGate
from codybatch.standins.github import GitHubStandin
from tests.unit.github.kit import APP, TEXT, WatchedClock, branch

KEY = "k"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "home" / "answers.db"


def host_of(github: GitHubStandin, file: Path, token: str | None = "service") -> GitHubCodeHost:
    value = None if token is None else github.tokens[token]
    gate, answers = WriteGate(0.0), Answers(file)
    return GitHubCodeHost(github.api_url, github.url, value, WatchedClock(), gate, answers=answers)


def used(github: GitHubStandin) -> int:
    """Points of the hour that the service account has used."""
    return github._site.limits.spend("service", "core", points=0).used


ASKED: dict[str, Callable[[GitHubCodeHost], object]] = {
    "head": lambda host: host.branch_head(APP, "main"),
    "rights": lambda host: host.may_push(APP),
    "pull request": lambda host: host.pull_request_of(APP, "work").number,  # type: ignore[union-attr]
}


@pytest.mark.parametrize("question", sorted(ASKED))
def test_another_process_is_told_304_and_pays_nothing(
    github: GitHubStandin, file: Path, question: str
) -> None:
    branch(github, "work")
    host_of(github, file).open_pull_request(APP, "work", "main", TEXT, draft=True)
    first = ASKED[question](host_of(github, file))
    before = used(github)
    github.journal.clear()

    again = ASKED[question](host_of(github, file))

    assert again == first
    statuses = {entry.status for entry in github.requests("GET *")}
    assert statuses == {304}
    assert used(github) == before


def test_what_changed_since_is_told_as_it_is_now(github: GitHubStandin, file: Path) -> None:
    assert host_of(github, file).may_push(APP) is True

    github.change_repository("acme/app", permissions={"service": "pull"})

    assert host_of(github, file).may_push(APP) is False
    assert host_of(github, file).may_push(APP) is False


def test_nobody_lists_an_organisation_again_for_nothing(github: GitHubStandin, file: Path) -> None:
    source = Source(kind=SourceKind.ORGANISATION, query="acme")
    first = host_of(github, file, None).candidates(source, 10)
    names = host_of(github, file, None).look_up([APP])
    github.journal.clear()

    assert host_of(github, file, None).candidates(source, 10) == first
    assert host_of(github, file, None).look_up([APP]) == names

    statuses = [entry.status for entry in github.requests("GET *")]
    assert statuses == [304, 304, 304]  # the list, the repository, its head


def test_a_renamed_repository_is_found_again_for_nothing(github: GitHubStandin, file: Path) -> None:
    github.rename_repository("acme/app", "acme/tool")
    host_of(github, file).may_push(APP)
    github.journal.clear()

    host = host_of(github, file)

    assert host.may_push(APP) is True
    assert [entry.status for entry in github.requests("GET *")] == [301, 304]
    assert host.git_access(APP).url.endswith("acme/tool.git")


def test_an_answer_to_one_credential_is_not_another_s(github: GitHubStandin, file: Path) -> None:
    github.change_repository("acme/app", private=True)
    github.tokens.add("stranger")
    host_of(github, file).may_push(APP)
    github.journal.clear()

    (found,) = host_of(github, file, "stranger").look_up([RepositoryRef.parse("acme/app")])
    with pytest.raises(Exception, match="may not see it"):
        host_of(github, file, "stranger").may_push(APP)

    assert "no repository acme/app" in str(found)
    assert 304 not in {entry.status for entry in github.requests()}


def test_no_token_and_no_link_lies_on_the_disk(file: Path) -> None:
    body = [{"temp_clone_token": "AAAA", "html_url": "h", "clone_url": "c", "a": {"keys_url": "k"}}]

    Answers(file).keep(KEY, "e", body)

    assert Answers(file).find(KEY) == Answer("e", [{"html_url": "h", "a": {}}])
    assert b"AAAA" not in file.read_bytes()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_longest_unused_go_first(file: Path) -> None:
    answers = Answers(file, most_bytes=500)
    for name in "abc":
        answers.keep(name, "e", "x" * 150)
    answers.find("a")

    answers.keep("d", "e", "x" * 150)

    assert [bool(answers.find(name)) for name in "abcd"] == [True, False, True, True]


def test_an_answer_that_is_too_large_is_not_kept(file: Path) -> None:
    Answers(file).keep(KEY, "e", "x" * 600_000)

    assert Answers(file).find(KEY) is None


def test_without_a_file_nothing_is_kept() -> None:
    Answers().keep(KEY, "e", "x")

    assert Answers().find(KEY) is None


def test_a_damaged_file_begins_anew(file: Path) -> None:
    file.parent.mkdir()
    file.write_bytes(b"not a database at all, " * 100)

    assert Answers(file).find(KEY) is None
    Answers(file).keep(KEY, "e", "x")

    assert Answers(file).find(KEY) == Answer("e", "x")


def test_a_folder_that_cannot_be_written_only_costs_more(
    github: GitHubStandin, tmp_path: Path
) -> None:
    (tmp_path / "in-the-way").write_text("")

    host = host_of(github, tmp_path / "in-the-way" / "answers.db")

    assert host.may_push(APP) is True


def test_who_writes_long_only_costs_more(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("codybatch.github.answers.LONGEST_WAIT_SECONDS", 0.01)
    Answers(file).keep(KEY, "e", "x")
    other = sqlite3.connect(file)
    other.execute("BEGIN IMMEDIATE")

    Answers(file).keep("other", "e", "x")

    other.close()
    assert Answers(file).find("other") is None
    assert Answers(file).find(KEY) == Answer("e", "x")

"""Repositories that the stand-ins make."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from codybatch.standins.git import BareRepository, FixtureCommit
from codybatch.standins.git.bare import GitFailed


@pytest.fixture
def repository(tmp_path: Path) -> BareRepository:
    return BareRepository.create(tmp_path / "app.git")


def test_commits_of_one_call_build_on_each_other(repository: BareRepository) -> None:
    repository.add_commits(
        [
            FixtureCommit({"a.txt": "1", "b.txt": "1"}, "First"),
            FixtureCommit({"a.txt": "2", "b.txt": None}, "Second"),
        ]
    )

    assert repository.git("log", "--format=%s|%an|%aI", "main").decode().splitlines() == [
        "Second|Ada Example|2024-05-01T09:01:00+00:00",
        "First|Ada Example|2024-05-01T09:00:00+00:00",
    ]
    assert repository.git("ls-tree", "--name-only", "main") == b"a.txt\n"


def test_a_later_commit_builds_on_the_branch(repository: BareRepository) -> None:
    first = repository.commit({"a.txt": "1"})
    second = repository.commit({"b.txt": "2"})

    assert repository.git("rev-list", "main").decode().split() == [second, first]


def test_branches_are_read_whether_packed_or_not(repository: BareRepository) -> None:
    main = repository.commit({"a.txt": "1"})
    repository.git("pack-refs", "--all")
    feature = repository.commit({"a.txt": "2"}, branch="team/feature")

    assert repository.branches() == {"main": main, "team/feature": feature}

    repository.set_branch("main", feature)
    repository.delete_branch("team/feature")

    assert repository.branches() == {"main": feature}


def test_another_default_branch_is_the_head(tmp_path: Path) -> None:
    repository = BareRepository.create(tmp_path / "app.git", "trunk")

    assert repository.git("symbolic-ref", "HEAD") == b"refs/heads/trunk\n"


def test_a_failed_command_says_what_git_said(repository: BareRepository) -> None:
    with pytest.raises(GitFailed, match=r"git update-ref failed in app\.git: .*nowhere"):
        repository.set_branch("main", "nowhere")


def test_the_size_counts_what_git_stores(repository: BareRepository) -> None:
    empty = repository.size_kb()
    repository.commit({"noise.bin": os.urandom(200_000)})

    assert repository.size_kb() > empty + 100

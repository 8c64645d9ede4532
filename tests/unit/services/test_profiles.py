"""Looking a repository over: the doors shut, as a job would meet it, and nothing left behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from codybatch.domain.errors import (
    CodeHostCredentialRefused,
    NoAllowList,
    RepositoryNotAllowed,
    RepositoryRefused,
    RepositoryUnavailable,
)
from codybatch.domain.repositories import AllowList, RepositoryRef
from codybatch.domain.states import EndedBecause
from codybatch.services.profiles import Profiles
from codybatch.standins.git import FixtureFile
from codybatch.standins.github import GitHubStandin, faults
from codybatch.workspace.checkout import WorkspaceLimits
from tests.unit.github.kit import WatchedClock, code_host
from tests.workspace_kit import RawEntry, RawObjects

MakeProfiles = Callable[..., Profiles]


@pytest.fixture
def github(tmp_path: Path) -> Iterator[GitHubStandin]:
    with GitHubStandin(tmp_path / "github") as running:
        yield running


@pytest.fixture
def profiles(github: GitHubStandin, tmp_path: Path) -> Iterator[MakeProfiles]:
    folder = tmp_path / "profiles"

    def make(
        allowed: str = "acme/*", token: str = "service", limits: WorkspaceLimits | None = None
    ) -> Profiles:
        clock = WatchedClock()
        return Profiles(
            lambda: code_host(github, token, clock),
            AllowList.parse(allowed),
            limits or WorkspaceLimits(),
            folder,
        )

    yield make
    assert not folder.exists() or list(folder.iterdir()) == []


def ref(name: str) -> RepositoryRef:
    return RepositoryRef.parse(name)


def test_a_private_repository_is_profiled_at_its_head_or_ref(
    github: GitHubStandin, profiles: MakeProfiles
) -> None:
    github.add_repository(
        "acme/app", files={"a.py": "1\n"}, private=True, permissions={"service": "pull"}
    )
    first = github.bare("acme/app").branches()["main"]
    github.commit("acme/app", {"b.go": "package b\n"})
    told: list[str] = []

    now = profiles().profile(ref("acme/app"), told.append)
    before = profiles().profile(ref(f"acme/app@{first}"))

    assert now.profile is not None
    assert before.profile is not None
    assert (now.profile.files, before.profile.files) == (2, 1)
    assert before.facts.head_commit == first
    assert now.ends is None
    assert [sentence.split()[0] for sentence in told] == ["Asking", "Cloning", "Looking"]


def test_links_and_large_files_elsewhere_are_counted_and_nothing_is_followed(
    github: GitHubStandin, profiles: MakeProfiles, tmp_path: Path
) -> None:
    (tmp_path / "outside").write_text("import flask\n")
    github.add_repository(
        "acme/app",
        files={
            "README.md": FixtureFile(str(tmp_path / "outside").encode(), mode="120000"),
            "requirements.txt": FixtureFile(str(tmp_path / "outside").encode(), mode="120000"),
            "big.bin": "version https://git-lfs.github.com/spec/v1\noid sha256:4d\nsize 5\n",
        },
    )

    found = profiles().profile(ref("acme/app")).profile

    assert found is not None
    assert (found.symlinks, found.lfs_files) == (2, 1)
    assert found.readme is None
    assert found.frameworks == ()


def test_what_a_work_tree_cannot_hold_is_told_as_a_job_would_end(
    github: GitHubStandin, profiles: MakeProfiles
) -> None:
    github.add_repository("acme/app", files={"a.txt": "a"})
    bare = github.bare("acme/app")
    raw = RawObjects(bare)
    evil = raw.tree([RawEntry("100644", b"config", raw.blob(b"[core]\nfsmonitor = touch RAN\n"))])
    tree = raw.tree([RawEntry("40000", b".GIT", evil)])
    bare.set_branch("main", raw.commit(tree))

    found = profiles().profile(ref("acme/app"))

    assert (found.ends, found.profile) == (EndedBecause.REPOSITORY_UNSUPPORTED, None)
    assert ".GIT" in found.detail


@pytest.mark.parametrize(
    ("limits", "detail"),
    [
        (WorkspaceLimits(max_files=1), "more than 1 files"),
        (WorkspaceLimits(max_bytes=3), "more than 3 bytes"),
        (WorkspaceLimits(max_file_bytes=1), "the limit for one file is 1"),
    ],
)
def test_what_is_too_large_is_told_with_the_limit(
    github: GitHubStandin, profiles: MakeProfiles, limits: WorkspaceLimits, detail: str
) -> None:
    github.add_repository("acme/app", files={"a.txt": "aa", "b.txt": "bb"})

    found = profiles(limits=limits).profile(ref("acme/app"))

    assert (found.ends, found.profile) == (EndedBecause.REPOSITORY_TOO_LARGE, None)
    assert detail in found.detail


def test_what_is_not_allowed_is_not_asked_for(
    github: GitHubStandin, profiles: MakeProfiles
) -> None:
    for allowed, error in (("", NoAllowList), ("other/*", RepositoryNotAllowed)):
        with pytest.raises(error):
            profiles(allowed=allowed).profile(ref("acme/app"))

    assert github.requests() == []


def test_a_name_that_became_another_has_to_be_allowed_too(
    github: GitHubStandin, profiles: MakeProfiles
) -> None:
    github.add_repository("acme/app", files={"a.txt": "a"})
    github.rename_repository("acme/app", "acme/hidden")

    with pytest.raises(RepositoryNotAllowed, match="acme/hidden"):
        profiles(allowed="acme/app").profile(ref("acme/app"))

    assert profiles().profile(ref("acme/app")).profile is not None


def test_what_no_job_could_have_is_the_same_error(
    github: GitHubStandin, profiles: MakeProfiles
) -> None:
    github.add_repository("acme/app", files={"a.txt": "a"}, archived=True)

    with pytest.raises(RepositoryRefused, match="archived"):
        profiles().profile(ref("acme/app"))


def test_a_clone_that_breaks_off_and_a_token_that_ends_leave_nothing(
    github: GitHubStandin, profiles: MakeProfiles
) -> None:
    github.add_repository("acme/app", files={"a.txt": "a" * 100_000}, private=True)
    github.change_repository("acme/app", permissions={"service": "push"})
    github.faults.add(faults.cut("POST */git-upload-pack", after_bytes=50, times=9))
    with pytest.raises(RepositoryUnavailable):
        profiles().profile(ref("acme/app"))
    github.faults.clear()
    github.tokens.revoke("service")
    with pytest.raises(CodeHostCredentialRefused):
        profiles().profile(ref("acme/app"))


def test_a_name_in_the_repository_cannot_steer_who_reads_it(
    github: GitHubStandin, profiles: MakeProfiles
) -> None:
    github.add_repository("acme/app", files={"tests\u202e/a.py": "1\n", "src/main.py": "1\n"})

    found = profiles().profile(ref("acme/app")).profile

    assert found is not None
    assert "\u202e" not in found.to_json()

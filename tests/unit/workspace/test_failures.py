from __future__ import annotations

import pytest

from codybatch.domain.errors import (
    BranchNotFound,
    CodeHostCredentialRefused,
    CodyBatchError,
    GitFailed,
    NotPermitted,
    RepositoryNotFound,
    RepositoryUnavailable,
    RepositoryUnsupported,
)
from codybatch.ports.code_host import GitAccess
from codybatch.workspace.failures import (
    local_failure,
    remote_failure,
    remote_words,
    says_full_disk,
)

URL = "https://host/acme/shop.git"
ACCESS = GitAccess(URL, token="t0ken")


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (f"fatal: unable to access '{URL}/': Could not resolve host: host", RepositoryUnavailable),
        (f"fatal: unable to access '{URL}/': Failed to connect to host", RepositoryUnavailable),
        (
            f"fatal: unable to access '{URL}/': The requested URL returned error: 502",
            RepositoryUnavailable,
        ),
        (
            f"fatal: unable to access '{URL}/': The requested URL returned error: 429",
            RepositoryUnavailable,
        ),
        (
            "error: RPC failed; curl 28 Operation too slow. Less than 1000 bytes/sec transferred",
            RepositoryUnavailable,
        ),
        ("fatal: early EOF\nfatal: index-pack failed", RepositoryUnavailable),
        (f"fatal: Authentication failed for '{URL}/'", CodeHostCredentialRefused),
        (
            f"fatal: unable to access '{URL}/': The requested URL returned error: 403",
            NotPermitted,
        ),
        (
            f"remote: Repository not found.\nfatal: repository '{URL}/' not found",
            RepositoryNotFound,
        ),
        (
            f"fatal: unable to access '{URL}/': The requested URL returned error: 301",
            RepositoryNotFound,
        ),
        ("fatal: remote error: upload-pack: not our ref abc", BranchNotFound),
        ("error: Server does not allow request for unadvertised object abc", BranchNotFound),
        ("fatal: mismatched algorithms: client sha1; server sha256", RepositoryUnsupported),
    ],
)
def test_each_cause_has_its_error(said: str, error: type[CodyBatchError]) -> None:
    found = remote_failure(GitFailed("git fetch failed", status=128, said=said), ACCESS, "abc")

    assert type(found) is error
    assert "\n" not in found.message
    assert "t0ken" not in found.message


def test_without_a_credential_a_private_repository_cannot_be_told_from_a_missing_one() -> None:
    said = f"fatal: could not read Username for '{URL}': terminal prompts disabled"

    found = remote_failure(GitFailed(status=128, said=said), GitAccess(URL))

    assert type(found) is RepositoryNotFound
    assert "GITHUB_TOKEN" in found.message


def test_a_git_that_crashed_says_so() -> None:
    found = remote_failure(GitFailed("git fetch was ended by signal 11", status=-11), ACCESS)

    assert type(found) is RepositoryUnsupported
    assert "signal 11" in found.message


def test_running_out_of_time_is_no_crash() -> None:
    failure = GitFailed("git did not finish", status=-9, said="timed out")

    assert type(remote_failure(failure, ACCESS)) is RepositoryUnavailable
    assert local_failure(failure) is failure


@pytest.mark.parametrize("said", ["invalid path 'a'", "a: Illegal byte sequence",
                                  "unable to create file a: File name too long"])  # fmt: skip
def test_a_name_that_the_system_refuses_is_named(said: str) -> None:
    found = local_failure(GitFailed(status=128, said=f"warning: x\nerror: {said}"))

    assert type(found) is RepositoryUnsupported
    assert said in found.message


def test_other_failures_stay_what_they_are() -> None:
    failure = GitFailed("git diff failed", status=128, said="fatal: bad object")

    assert local_failure(failure) is failure


def test_the_hosts_own_words_are_kept_in_one_line() -> None:
    said = "remote: error: GH006: Protected branch update failed.   \nremote:\nremote: Ask Eve.\n x"

    assert remote_words(GitFailed(said=said)) == (
        ": error: GH006: Protected branch update failed. Ask Eve"
    )
    assert remote_words(GitFailed(said="fatal: x")) == ""


@pytest.mark.parametrize(
    ("said", "full"),
    [
        ("error: file write error: No space left on device\nfatal: x", True),
        ("fatal: write error: Disk quota exceeded", True),
        ("fatal: sha1 file 'x/index.lock' write error. Out of diskspace", True),
        ("remote: error: file write error: No space left on device\nfatal: x", False),
        ("fatal: early EOF", False),
    ],
)
def test_only_this_machines_disk_is_full(said: str, full: bool) -> None:
    assert says_full_disk(said) is full

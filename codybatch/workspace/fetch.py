"""One commit fetched from a code host, without its history."""

from __future__ import annotations

import re

from codybatch.domain.errors import BranchNotFound, GitFailed
from codybatch.ports.code_host import GitAccess
from codybatch.workspace.failures import remote_failure
from codybatch.workspace.git import Git, checked_url
from codybatch.workspace.processes import Bounds
from codybatch.workspace.renewal import renewing

_COMMIT = re.compile(r"[0-9a-f]{40}")


def fetch(git: Git, access: GitAccess, commit: str, bounds: Bounds) -> None:
    """Bring one commit into the git directory: no ref, no remote, no note of where it came from.

    A server that speaks version 2 of the protocol, or allows what GitHub allows, sends any commit
    that a ref of its reaches, so what was pinned is had although its branch moved on.

    Arguments:
        git: where to bring it.
        access: how to reach the code host, for this one call; renewed once where it is refused.
        commit: 40 hex digits.
        bounds: time, size and call-off.

    Raises:
        RepositoryUnavailable, RepositoryNotFound, CodeHostCredentialRefused, NotPermitted,
        BranchNotFound, RepositoryUnsupported, StoreFull: see `failures.remote_failure`.
    """
    if not _COMMIT.fullmatch(commit):
        raise BranchNotFound(f"{commit!r} is no commit's name: that has 40 hexadecimal digits.")
    renewing(access, lambda by: _fetch(git, by, commit, bounds))


def _fetch(git: Git, access: GitAccess, commit: str, bounds: Bounds) -> None:
    try:
        git.run(
            "fetch",
            "--quiet",
            "--depth=1",
            "--no-tags",
            "--no-write-fetch-head",
            "--no-auto-maintenance",
            "--no-recurse-submodules",
            "--",
            checked_url(access),
            commit,
            access=access,
            bounds=bounds,
        )
    except GitFailed as failure:
        raise remote_failure(failure, access, commit) from failure

"""What a failed git call means: the error, and the one sentence, that a person can act on."""

from __future__ import annotations

import errno
import re

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
from codybatch.workspace.messages import redacted
from codybatch.workspace.processes import TIMED_OUT

NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})
"""What the system says where a disk or a quota is full: it passes when somebody makes room."""

# The words of git 2.39 (remote-curl.c, http.c, fetch-pack.c, connect.c) and libcurl, in lower case.
_DISK_FULL = re.compile(r"no space left on device|out of diskspace|disk quota exceeded")
_NAME_REFUSED = re.compile(r"invalid path|illegal byte sequence|file name too long")
_VANISHED = re.compile(r"not our ref|unadvertised object|did not send all necessary objects")
_MOVED = re.compile(r"returned error: 30\d|unable to update url base from redirection")
_UNKNOWN = re.compile(r"returned error: 404|repository '.*' not found")
_FORBIDDEN = re.compile(r"returned error: 403")
_NO_CREDENTIAL = re.compile(
    r"authentication failed|returned error: 401|could not read (?:username|password)"
)
_OTHER_FORMAT = re.compile(r"mismatched algorithms|unknown object format|bad object format")


def says_full_disk(said: str) -> bool:
    """Whether git ran out of room on this machine; what the other side says of its own is not that.

    Args:
        said: all that git wrote to standard error.
    """
    ours = "\n".join(line for line in said.splitlines() if not line.startswith("remote:"))
    return _DISK_FULL.search(ours.lower()) is not None


def local_failure(failure: GitFailed) -> CodyBatchError:
    """The error for a failed call that speaks with nobody."""
    said = failure.said.lower()
    if failure.status < 0 and failure.said != TIMED_OUT:
        return RepositoryUnsupported(f"git cannot work on this repository: {failure.message}")
    if found := _NAME_REFUSED.search(said):
        line = next(line for line in failure.said.splitlines() if found[0] in line.lower())
        return RepositoryUnsupported(
            f"The repository holds a name that git or this system refuses ({line})."
        )
    return failure


def remote_failure(failure: GitFailed, access: GitAccess, commit: str = "") -> CodyBatchError:
    """The error for a failed call to a code host.

    Arguments:
        failure: what git said.
        access: how it was reached.
        commit: what was asked for, where something was.
    """
    said = failure.said.lower()
    where = redacted(access.url, access)
    if _VANISHED.search(said):
        return BranchNotFound(f"{where} no longer has the commit {commit}. Submit the job again.")
    if _NO_CREDENTIAL.search(said):
        return _credential_refused(where, access)
    if _FORBIDDEN.search(said):
        return NotPermitted(f"The code host forbids this at {where}{remote_words(failure)}.")
    if _MOVED.search(said):
        return RepositoryNotFound(f"{where} has moved. Submit the job again under the new name.")
    if _UNKNOWN.search(said):
        return RepositoryNotFound(
            f"There is no repository at {where}, or the credential may not see it."
        )
    if _OTHER_FORMAT.search(said):
        return RepositoryUnsupported(f"{where} uses an object format other than SHA-1.")
    local = local_failure(failure)
    if local is not failure:
        return local
    return RepositoryUnavailable(f"{where} could not be reached: {failure.message}")


def _credential_refused(where: str, access: GitAccess) -> CodyBatchError:
    if not access.token:
        return RepositoryNotFound(
            f"There is no public repository at {where}. If it is private, set GITHUB_TOKEN."
        )
    return CodeHostCredentialRefused(
        f"The code host refused the credential for {where}. Check {access.setting}."
    )


def remote_words(failure: GitFailed) -> str:
    """What the code host itself said, as the end of a sentence: ``: …``, or nothing."""
    lines = [line.removeprefix("remote:").strip() for line in failure.said.splitlines()
             if line.startswith("remote:")]  # fmt: skip
    words = " ".join(line for line in lines if line)
    return f": {words[:500].rstrip('.')}" if words else ""

"""Publication by git: a commit that can be made again, a base that moved, a push with a lease."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from codybatch.domain.errors import (
    BaseConflict,
    BranchNotOurs,
    CodyBatchError,
    GitFailed,
    PushRefused,
    RepositoryUnavailable,
)
from codybatch.ports.code_host import GitAccess
from codybatch.workspace.checkout import Workspace
from codybatch.workspace.failures import local_failure, remote_failure, remote_words
from codybatch.workspace.fetch import fetch
from codybatch.workspace.git import Collected, checked_url
from codybatch.workspace.messages import redacted
from codybatch.workspace.patch import tree_of_patch
from codybatch.workspace.paths import shown
from codybatch.workspace.processes import Bounds
from codybatch.workspace.renewal import renewing

NETWORK_SECONDS = 300.0

# Narrower than git-check-ref-format(1): what we name ourselves needs no more.
_BRANCH = re.compile(r"(?!.*(?:\.\.|//|/\.|\.lock/|(?:\.|/|\.lock)\Z))[A-Za-z0-9][A-Za-z0-9._/-]*")
_LONGEST_BRANCH = 200
_MAX_PRINTED_BYTES = 1 << 20
# Of `git push --porcelain` (git-push(1), "OUTPUT"): flag, refs, summary and reason.
_REFUSED = re.compile(r"^!\t[^\t]*\t\[(?P<summary>[^\]]*)\](?: \((?P<reason>.*)\))?$", re.MULTILINE)

_NAMED = 5


@dataclass(frozen=True)
class Author:
    """Who a commit is by.

    Arguments:
        name: shown name.
        email: address.
        at: when, aware; the same for the same job, so that its commit has the same name each time.
    """

    name: str
    email: str
    at: datetime


def commit_patch(workspace: Workspace, tree: str, parent: str, message: str, author: Author) -> str:
    """Make a commit; the same arguments always give the same commit.

    Arguments:
        workspace: where it is made.
        tree: of a made patch or of a rebase, in this workspace.
        parent: the commit it stands on, in this workspace.
        message: the commit message.
        author: author and committer both.

    Raises:
        GitFailed: the tree or the parent is not here, or the author cannot be written.
    """
    return _commit(workspace, tree, (parent,), message, author)


def _commit(
    workspace: Workspace, tree: str, parents: Sequence[str], message: str, author: Author
) -> str:
    when = f"@{int(author.at.timestamp())} +0000"
    name, email = _one_line(author.name), _one_line(author.email)
    identity = {
        f"GIT_{role}_{field}": value
        for role in ("AUTHOR", "COMMITTER")
        for field, value in (("NAME", name), ("EMAIL", email), ("DATE", when))
    }
    text = message.replace("\0", "").strip() + "\n"
    made = workspace.git.run(
        *("commit-tree", tree, *(part for parent in parents for part in ("-p", parent))),
        given=text.encode("utf-8", "replace"),
        variables=identity,
    )
    return made.decode("ascii").strip()


def rebase(
    workspace: Workspace,
    patch: bytes,
    base_head: str,
    access: GitAccess,
    bounds: Bounds | None = None,
) -> str:
    """Merge the patch into the base branch's new head and return the tree.

    It is a three-way merge of whole trees. Where git guesses that they moved a file of ours, that
    is a conflict: no path changes but those that the patch changes, so what the gate saw holds.
    Where the tree is the head's own (`Workspace.tree_of`), the change is there already.

    Arguments:
        workspace: holds the pinned commit.
        patch: against the pinned commit.
        base_head: the new head, 40 hex digits.
        access: to fetch it with.
        bounds: time and call-off, for each call of git.

    Raises:
        BaseConflict: somebody changed the same lines in between.
        RepositoryUnavailable and the other errors of `fetch.fetch`.
    """
    fetch(workspace.git, access, base_head, bounds or Bounds(NETWORK_SECONDS))
    wanted = tree_of_patch(workspace, patch, bounds)
    pinned = _bare_commit(workspace, workspace.base_tree)
    ours = _bare_commit(workspace, wanted, pinned)
    theirs = _bare_commit(workspace, workspace.tree_of(base_head), pinned)
    tree = _merged(workspace, theirs, ours, base_head, bounds)
    if moved := _changed(workspace, theirs, tree) - _changed(workspace, pinned, wanted):
        raise _conflict(base_head, sorted(moved))
    return tree


def _merged(
    workspace: Workspace, theirs: str, ours: str, base_head: str, bounds: Bounds | None
) -> str:
    merged = Collected(_MAX_PRINTED_BYTES, "merge-tree")
    try:
        workspace.git.stream(
            *("merge-tree", "--write-tree", "--name-only", "--no-messages", "-z"),
            *(theirs, ours),
            sink=merged.add,
            bounds=bounds,
        )
    except GitFailed as failure:
        if failure.status != 1:
            raise local_failure(failure) from failure
        names = merged.content().split(b"\0")[1:]
        raise _conflict(base_head, [name for name in names if name]) from failure
    return merged.content().rstrip(b"\0\n").decode("ascii")


def _changed(workspace: Workspace, old: str, new: str) -> set[bytes]:
    arguments = ("diff-tree", "-r", "-z", "--name-only", "--no-renames", "--no-commit-id", old, new)
    return set(workspace.git.run(*arguments).split(b"\0")[:-1])


def _bare_commit(workspace: Workspace, tree: str, *parents: str) -> str:
    """A commit for a merge to find its way by; it is never pushed."""
    merging = Author("cody-batch", "cody-batch@localhost", datetime.fromtimestamp(0, UTC))
    return _commit(workspace, tree, parents, "merge", merging)


def push(
    workspace: Workspace,
    access: GitAccess,
    commit: str,
    branch: str,
    expected: str | None,
    bounds: Bounds | None = None,
) -> None:
    """Make the branch point at the commit, if it still points at what we left there.

    An answer that is lost after the host acted is no failure: the branch is looked at, and our own
    commit there means that it is done. So the same push may be made again after any crash.

    Arguments:
        workspace: holds the commit.
        access: with a credential that may push; renewed once where it is refused.
        commit: 40 hex digits.
        branch: its name, without ``refs/heads/``.
        expected: the commit we pushed there last; None where the branch must not exist.
        bounds: time and call-off.

    Raises:
        BranchNotOurs: the branch points elsewhere; nothing was changed.
        PushRefused: the host refuses it; the message is the host's.
        NotPermitted, CodeHostCredentialRefused, RepositoryNotFound: the credential will not do.
        RepositoryUnavailable: it is unknown whether the host has it; push again.
        CalledOff: the bounds' abort event was set.
    """
    _ref(branch)
    bounds = bounds or Bounds(NETWORK_SECONDS)
    workspace.git.run("rev-parse", "--verify", "--quiet", f"{commit}^{{commit}}")
    renewing(access, lambda by: _push(workspace, by, commit, branch, expected, bounds))


def _push(
    workspace: Workspace,
    access: GitAccess,
    commit: str,
    branch: str,
    expected: str | None,
    bounds: Bounds,
) -> None:
    ref = _ref(branch)
    printed = Collected(_MAX_PRINTED_BYTES, "push")
    try:
        workspace.git.stream(
            "push",
            "--porcelain",
            "--no-verify",
            "--no-follow-tags",
            "--no-signed",
            f"--force-with-lease={ref}:{expected or ''}",
            "--",
            checked_url(access),
            f"{commit}:{ref}",
            sink=printed.add,
            access=access,
            bounds=bounds,
        )
    except GitFailed as failure:
        error = _push_error(failure, printed.content(), access, branch)
        if not isinstance(error, PushRefused | RepositoryUnavailable):
            raise error from failure
        found = _remote_head(workspace, access, ref, bounds)
        if found == commit:
            return
        if found != expected:
            raise _not_ours(branch, found, expected) from failure
        raise error from failure


def _push_error(
    failure: GitFailed, printed: bytes, access: GitAccess, branch: str
) -> CodyBatchError:
    refused = _REFUSED.search(redacted(printed.decode("utf-8", "replace"), access))
    if refused is None:
        return remote_failure(failure, access)
    reason = refused["reason"] or refused["summary"]
    return PushRefused(
        f"The code host refused the push to {branch} ({reason}){remote_words(failure)}."
    )


def _remote_head(workspace: Workspace, access: GitAccess, ref: str, bounds: Bounds) -> str | None:
    try:
        arguments = ("ls-remote", "--quiet", "--refs", "--", checked_url(access), ref)
        listed = workspace.git.run(*arguments, access=access, bounds=bounds)
    except GitFailed as failure:
        raise remote_failure(failure, access) from failure
    for line in listed.decode("utf-8", "replace").splitlines():
        commit, _, name = line.partition("\t")
        if name == ref:
            return commit
    return None


def _not_ours(branch: str, found: str | None, expected: str | None) -> BranchNotOurs:
    is_now = f"points at {found}" if found else "is gone"
    was = f"we left it at {expected}" if expected else "we never pushed it"
    return BranchNotOurs(f"The branch {branch} {is_now} and {was}, so it is left alone.")


def _ref(branch: str) -> str:
    if len(branch) > _LONGEST_BRANCH or not _BRANCH.fullmatch(branch):
        raise PushRefused(f"{shown(branch)!r} is not a branch name that we push to.")
    return f"refs/heads/{branch}"


def _one_line(text: str) -> str:
    """An author's name or address without what git-commit-tree(1) cannot hold."""
    return " ".join(re.sub(r"[\x00-\x1f\x7f<>]", " ", text).split())


def _conflict(base_head: str, names: Sequence[bytes]) -> BaseConflict:
    listed = [shown(name.decode("utf-8", "surrogateescape")) for name in names]
    named = ", ".join(listed[:_NAMED]) + (", …" if listed[_NAMED:] else "")
    return BaseConflict(f"Its new head {base_head[:12]} conflicts with the patch in {named}.")

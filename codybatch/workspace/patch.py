"""The job's patch: what the work tree changes against the pinned commit, byte for byte.

Everything happens in private copies of the index, in a folder that goes with the call, so an
attempt that dies leaves nothing that the next could stumble over.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from codybatch.domain.errors import CodyBatchError, GitFailed, PatchDoesNotApply
from codybatch.workspace.changes import Change, changes_and_patch
from codybatch.workspace.checkout import SCRATCH_PREFIX, Workspace
from codybatch.workspace.disk_changes import disk_changes
from codybatch.workspace.hunks import lines_of
from codybatch.workspace.index_file import IndexFile
from codybatch.workspace.listing import checked_path
from codybatch.workspace.paths import shown
from codybatch.workspace.processes import Bounds
from codybatch.workspace.secret_scanner import SecretScanner
from codybatch.workspace.secrets_in_lines import SecretFinder, holds_secret


@dataclass(frozen=True)
class MadePatch:
    """A patch that was shown to apply to a fresh index of the pinned commit.

    Arguments:
        content: a git patch, binary-safe.
        files: changed files.
        additions: added lines of text files.
        deletions: removed lines of text files.
        paths: the changed paths, as they are shown: what is invisible or not UTF-8 is escaped.
        removed_secret: whether a removed line holds a secret, and so the patch does.
        tree: the git tree that it leads to, which is in the workspace.
    """

    content: bytes
    files: int
    additions: int
    deletions: int
    paths: tuple[str, ...]
    removed_secret: bool
    tree: str


class UnprovenPatch(PatchDoesNotApply):
    """The patch was made, and does not lead from the pinned commit to the work tree."""

    def __init__(self, message: str, made: MadePatch) -> None:
        """Keep the patch, so that it is not lost."""
        super().__init__(message)
        self.made = made


def make_patch(
    workspace: Workspace, scanner: SecretFinder | None = None, bounds: Bounds | None = None
) -> MadePatch | None:
    """The patch from the pinned commit to the work tree; None where nothing changed.

    New files are in it even where the repository ignores them, and modes are kept.

    Arguments:
        workspace: where the work tree and the pinned commit are.
        scanner: finds secrets in the removed lines; the project's own where none is given.
        bounds: time and call-off, for each call of git.

    Raises:
        PatchDoesNotApply: the change holds a nested repository, touches a submodule or has a name
            that no patch may have.
        UnprovenPatch: the patch was made, and could not be applied or gave another tree.
        GitFailed: git could not read the work tree.
        CalledOff: the bounds' abort event was set.
    """
    with scratch(workspace) as folder:
        index = folder / "index"
        if not _bring_up(workspace, index, bounds):
            return None
        with ThreadPoolExecutor(2) as beside:
            tree = beside.submit(_written_tree, workspace, index, bounds)
            found, content = changes_and_patch(
                workspace.git, workspace.commit, index, "--binary", bounds=bounds
            )
            if not found:
                return None
            proof = beside.submit(apply_patch, workspace, content, folder / "proof", bounds)
            figures = _figures(content, scanner or SecretScanner())
            _refuse_impossible(found)
        made = MadePatch(
            content,
            files=len(found),
            additions=figures.additions,
            deletions=figures.deletions,
            paths=tuple(shown(change.path) for change in found),
            removed_secret=figures.removed_secret,
            tree=tree.result(),
        )
        _check_proof(proof, made, workspace.commit)
    return made


def _check_proof(proof: Future[str], made: MadePatch, commit: str) -> None:
    try:
        leads_to = proof.result()
    except PatchDoesNotApply as error:
        raise UnprovenPatch(error.message, made) from error
    if leads_to != made.tree:
        raise UnprovenPatch(
            f"The patch applies to {commit}, and leads to other files than the work tree holds.",
            made,
        )


def apply_patch(
    workspace: Workspace, patch: bytes, index: Path, bounds: Bounds | None = None
) -> str:
    """Apply a patch to a fresh ``index`` of the pinned commit and return the tree it leads to.

    Raises:
        PatchDoesNotApply: it does not fit the commit.
    """
    git = workspace.git
    try:
        if workspace.manifest.changed_before:
            git.run("read-tree", workspace.commit, index=index, bounds=bounds)
        else:
            shutil.copyfile(workspace.index, index)  # as the check-out read it from the commit
        git.run(
            *("apply", "--cached", "--whitespace=nowarn", "-"),
            given=patch,
            index=index,
            bounds=bounds,
        )
        return _written_tree(workspace, index, bounds)
    except GitFailed as failure:
        raise _does_not_apply(workspace.commit, failure) from failure


def tree_of_patch(workspace: Workspace, patch: bytes, bounds: Bounds | None = None) -> str:
    """The tree that a stored patch leads to from the pinned commit.

    Raises:
        PatchDoesNotApply: it does not fit the commit.
    """
    with scratch(workspace) as folder:
        return apply_patch(workspace, patch, folder / "index", bounds)


@contextmanager
def scratch(workspace: Workspace) -> Iterator[Path]:
    """A folder beside the work tree for the length of a block."""
    folder = Path(tempfile.mkdtemp(prefix=SCRATCH_PREFIX, dir=workspace.root))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def _bring_up(workspace: Workspace, index: Path, bounds: Bounds | None) -> bool:
    """Bring a private index up to the work tree, ignored files included.

    Returns whether it may differ from the pinned commit.
    """
    checked_out = IndexFile.read(workspace.index)
    found = disk_changes(workspace.tree_path, checked_out)
    checked_out.copy(index, found.doubtful.values())
    for arguments, paths in (
        (("--force-remove",), found.gone),
        (("--add", "--remove", "--replace"), (*found.doubtful, *found.new)),
    ):
        if paths:
            workspace.git.run(
                *("update-index", *arguments, "-z", "--stdin"),
                given=b"\0".join([*paths, b""]),
                index=index,
                bounds=bounds,
            )
    return bool(found or workspace.manifest.changed_before)


def _refuse_impossible(found: Sequence[Change]) -> None:
    for change in found:
        if change.touches_submodule:
            raise _refused("a nested git repository or a submodule", shown(change.path))
        if not change.is_deleted:
            try:
                checked_path(change.path.encode("utf-8", "surrogateescape"))
            except CodyBatchError as error:
                raise _refused("a name that no patch may have", error.message) from error


def _written_tree(workspace: Workspace, index: Path, bounds: Bounds | None) -> str:
    return workspace.git.run("write-tree", index=index, bounds=bounds).decode("ascii").strip()


class _Figures(NamedTuple):
    additions: int
    deletions: int
    removed_secret: bool


def _figures(content: bytes, scanner: SecretFinder) -> _Figures:
    figures = _Figures(0, 0, removed_secret=False)
    for file in lines_of(content):
        figures = _Figures(
            figures.additions + file.new.count(),
            figures.deletions + file.old.count(),
            figures.removed_secret or holds_secret(scanner, file.old),
        )
    return figures


def _refused(what: str, where: str) -> PatchDoesNotApply:
    return PatchDoesNotApply(f"The change holds {what}, which cannot be published: {where}")


def _does_not_apply(commit: str, failure: GitFailed) -> PatchDoesNotApply:
    return PatchDoesNotApply(f"The patch does not apply to {commit}: {failure.message}")

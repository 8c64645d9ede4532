"""The workspace of one job: the pinned commit in a folder, and nothing that could act by itself."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from codybatch.domain.errors import (
    BranchNotFound,
    GitFailed,
    PatchDoesNotApply,
    RepositoryTooLarge,
    RepositoryUnavailable,
    StoreFull,
)
from codybatch.ports.code_host import GitAccess
from codybatch.workspace.askpass import install_askpass, remove_left_credentials
from codybatch.workspace.failures import NO_ROOM, local_failure
from codybatch.workspace.fetch import fetch
from codybatch.workspace.git import Git
from codybatch.workspace.listing import Listing, ListingLimits, checked_path
from codybatch.workspace.manifest import Manifest, ManifestEntry
from codybatch.workspace.processes import TIMED_OUT, Bounds

# In git's own order of precedence this file comes before every .gitattributes (gitattributes(5)),
# so bytes pass unchanged in both directions, and no repository says how its diffs are made.
_ATTRIBUTES = (
    "* -text !eol -ident !filter !diff !merge !working-tree-encoding !whitespace !export-subst\n"
)
# Folders that live for one call; what a killed process left goes with the workspace.
SCRATCH_PREFIX = "scratch-"


@dataclass(frozen=True)
class WorkspaceLimits(ListingLimits):
    """How large a repository may be, and how long its clone may take.

    Arguments:
        max_clone_bytes: of what is fetched, compressed.
        clone_seconds: wall clock of the whole check-out.
    """

    max_clone_bytes: int = 2 << 30
    clone_seconds: float = 900.0


class Workspace:
    """One job's folder, checked out: ``git`` beside ``tree``, ``home`` and ``manifest.json``.

    Arguments:
        root: the folder that `check_out` filled.
        manifest: what it wrote there, where that is at hand.

    Raises:
        OSError: the folder is not there, or only half made.
        ValueError: its manifest is damaged.
    """

    def __init__(self, root: Path, manifest: Manifest | None = None) -> None:
        self.root = root
        self.tree_path = root / "tree"
        self.git = Git(root / "git", self.tree_path, root / "home")
        self.manifest = manifest or Manifest.load(root / "manifest.json")

    @property
    def commit(self) -> str:
        """The pinned commit."""
        return self.manifest.commit

    @property
    def index(self) -> Path:
        """The index as the check-out left it; never written again."""
        return self.root / "git" / "index"

    @cached_property
    def base_tree(self) -> str:
        """The pinned commit's tree."""
        return self.tree_of(self.commit)

    def tree_of(self, commit: str) -> str:
        """The tree of a commit that is in the workspace.

        Raises:
            GitFailed: it is not there.
        """
        return self.git.run("rev-parse", "--verify", f"{commit}^{{tree}}").decode("ascii").strip()


def check_out(
    root: Path,
    access: GitAccess,
    commit: str,
    limits: WorkspaceLimits | None = None,
    base_patch: bytes | None = None,
    abort: threading.Event | None = None,
) -> Workspace:
    """Make a job's workspace from nothing; what stood in ``root`` from an earlier attempt goes.

    Arguments:
        root: the job's own folder.
        access: how to fetch; it is used for one call.
        commit: 40 hex digits.
        limits: of size and time.
        base_patch: of a follow-up, its parent's patch, applied to index and tree.
        abort: set from another thread to call it off.

    Raises:
        RepositoryUnavailable: it could not be reached, or not in time.
        RepositoryNotFound: there is none, or it has moved.
        CodeHostCredentialRefused: the credential was refused.
        NotPermitted: the code host forbids it.
        BranchNotFound: the commit is not there any more.
        RepositoryTooLarge: it crosses a limit.
        RepositoryUnsupported: it holds what a work tree cannot hold safely.
        PatchDoesNotApply: ``base_patch`` does not fit the commit.
        StoreFull: the disk is full.
        CalledOff: ``abort`` was set.

    On any error ``root`` holds no workspace, not half of one either.
    """
    remove_workspace(root)
    making = _Making(root, limits or WorkspaceLimits(), abort)
    try:
        return Workspace(root, making.make(access, commit, base_patch))
    except GitFailed as failure:
        remove_workspace(root)
        if failure.said == TIMED_OUT:
            raise RepositoryUnavailable(
                f"The check-out took too long: {failure.message}"
            ) from failure
        raise local_failure(failure) from failure
    except OSError as error:
        remove_workspace(root)
        if error.errno in NO_ROOM:
            raise StoreFull from error
        raise
    except BaseException:
        remove_workspace(root)
        raise


def remove_workspace(root: Path) -> None:
    """Remove a workspace, whole or half made, and nothing else that stands in the folder."""
    (root / "manifest.json").unlink(missing_ok=True)  # first: it says that the rest is complete
    remove_left_credentials(root)
    (root / "askpass").unlink(missing_ok=True)
    for part in ("tree", "git", "home"):
        if (root / part).exists():
            shutil.rmtree(root / part)
    for left in root.glob(f"{SCRATCH_PREFIX}*"):
        shutil.rmtree(left)


class _Making:
    """One check-out under way."""

    def __init__(self, root: Path, limits: WorkspaceLimits, abort: threading.Event | None) -> None:
        self._root = root
        self._limits = limits
        self._abort = abort
        self._deadline = time.monotonic() + limits.clone_seconds
        self._git = Git(root / "git", root / "tree", root / "home")

    def make(self, access: GitAccess, commit: str, base_patch: bytes | None) -> Manifest:
        """Fill the folder; the manifest comes last."""
        self._prepare()
        self._fetch(access, commit)
        entries = self._list(commit)
        self._git.run("read-tree", "-u", "--reset", commit, bounds=self._bounds())
        changed = self._apply(base_patch, commit) if base_patch else []
        manifest = Manifest.of(entries, commit, changed)
        manifest.save(self._root / "manifest.json")
        return manifest

    def _prepare(self) -> None:
        self._root.mkdir(parents=True, exist_ok=True)
        self._root.chmod(0o700)
        for part in ("tree", "git", "home"):
            (self._root / part).mkdir()
        install_askpass(self._root)
        without_tree = Git(self._git.git_dir, None, self._git.home)
        without_tree.run("init", "--quiet", "--bare", "--template=", bounds=self._bounds())
        (self._root / "git" / "info").mkdir()
        (self._root / "git" / "info" / "attributes").write_text(_ATTRIBUTES, encoding="ascii")

    def _fetch(self, access: GitAccess, commit: str) -> None:
        fetch(self._git, access, commit, self._bounds(self._watch_size))
        try:
            found = self._git.run("rev-parse", "--verify", f"{commit}^{{commit}}")
        except GitFailed:
            found = b""
        if found.decode("ascii").strip() != commit:
            raise BranchNotFound(f"{commit} names something in the repository, but no commit.")

    def _list(self, commit: str) -> list[ManifestEntry]:
        listing = Listing(self._limits)
        arguments = ("ls-tree", "-r", "-l", "-z", "--full-tree", commit)
        self._git.stream(*arguments, sink=listing.add, bounds=self._bounds())
        return listing.entries()

    def _apply(self, patch: bytes, commit: str) -> list[str]:
        arguments = ("apply", "--index", "--whitespace=nowarn", "-")
        try:
            self._git.run(*arguments, given=patch, bounds=self._bounds())
        except GitFailed as failure:
            raise PatchDoesNotApply(
                f"The earlier job's patch does not apply to {commit}: {failure.message}"
            ) from failure
        return self._paths("diff", "--cached", "--name-only", "--no-renames", "-z", commit)

    def _paths(self, *arguments: str) -> list[str]:
        names = self._git.run(*arguments, bounds=self._bounds()).split(b"\0")[:-1]
        return [checked_path(name) for name in names]

    def _bounds(self, watch: Callable[[], None] | None = None) -> Bounds:
        return Bounds(max(0.0, self._deadline - time.monotonic()), self._abort, watch)

    def _watch_size(self) -> None:
        limit = self._limits.max_clone_bytes
        if size_of_files(self._root / "git" / "objects" / "pack") > limit:
            raise RepositoryTooLarge(
                f"The commit's files are more than {limit:,} bytes compressed, which is the limit."
            )


def size_of_files(folder: Path) -> int:
    """The bytes of the files in a folder, while another process may add and remove some."""
    total = 0
    with os.scandir(folder) as files:
        for file in files:
            with suppress(FileNotFoundError):
                total += file.stat(follow_symlinks=False).st_size
    return total

"""What an index changes against the pinned commit, file by file, as git's plumbing says it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from codybatch.workspace.git import Git
from codybatch.workspace.manifest import SUBMODULE, SYMLINK
from codybatch.workspace.processes import Bounds

ABSENT = "000000"

# No program of the repository's choice, no guess at renames, no colour, whatever git's defaults.
DIFF = (
    "diff",
    "--cached",
    "--full-index",
    "--no-ext-diff",
    "--no-textconv",
    "--no-renames",
    "--no-color",
    "--no-relative",
    "--src-prefix=a/",
    "--dst-prefix=b/",
    "--submodule=short",
    "--ignore-submodules=none",
)


@dataclass(frozen=True)
class Change:
    """One changed path.

    Modes are git's, `ABSENT` where there is no file; blobs are object ids.
    """

    path: str
    old_mode: str
    new_mode: str
    old_blob: str
    new_blob: str

    @property
    def is_new(self) -> bool:
        """Whether the pinned commit has no such file."""
        return self.old_mode == ABSENT

    @property
    def is_deleted(self) -> bool:
        """Whether there is no such file any more."""
        return self.new_mode == ABSENT

    @property
    def touches_submodule(self) -> bool:
        """Whether it is a submodule, before or after."""
        return SUBMODULE in {self.old_mode, self.new_mode}

    @property
    def leaves_symlink(self) -> bool:
        """Whether it is a symbolic link after."""
        return self.new_mode == SYMLINK


def changes(git: Git, commit: str, index: Path, bounds: Bounds | None = None) -> list[Change]:
    """What ``index`` changes against ``commit``, in git's order."""
    output = git.run(*DIFF, "--raw", "-z", "--no-abbrev", commit, index=index, bounds=bounds)
    fields = iter(output.split(b"\0")[:-1])
    return [_change(field, next(fields)) for field in fields]


def binary_paths(git: Git, commit: str, index: Path, bounds: Bounds | None = None) -> set[str]:
    """The changed paths that git takes for binary, before or after."""
    output = git.run(*DIFF, "--numstat", "-z", commit, index=index, bounds=bounds)
    counted = (record.split(b"\t", 2) for record in output.split(b"\0")[:-1])
    return {_path(name) for additions, _, name in counted if additions == b"-"}


def binary_patch(git: Git, commit: str, index: Path, bounds: Bounds | None = None) -> bytes:
    """The same as a patch that holds every byte, binary files included."""
    return git.run(*DIFF, "--binary", commit, index=index, bounds=bounds)


def text_patch(git: Git, commit: str, index: Path, bounds: Bounds | None = None) -> bytes:
    """The same for reading: binary files are named only."""
    return git.run(*DIFF, "--patch", commit, index=index, bounds=bounds)


def _change(field: bytes, name: bytes) -> Change:
    old_mode, new_mode, old_blob, new_blob, _ = field[1:].decode("ascii").split(" ")
    return Change(_path(name), old_mode, new_mode, old_blob, new_blob)


def _path(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")

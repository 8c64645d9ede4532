"""What an index changes against the pinned commit, file by file, as git's plumbing says it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from codybatch.workspace.git import Git
from codybatch.workspace.hunks import unquoted
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
    is_binary: bool = False
    """Only where ``--numstat`` was asked for."""

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


def changes_and_patch(
    git: Git, commit: str, index: Path, *options: str, bounds: Bounds | None = None
) -> tuple[list[Change], bytes]:
    """What ``index`` changes against ``commit``, in git's order, and the patch, in one call of git.

    Arguments:
        git: on the git directory that has the commit.
        commit: to compare with.
        index: what to compare.
        options: ``--binary`` for a patch that holds every byte; ``--numstat`` to learn which files
            git takes for binary.
        bounds: time and call-off.
    """
    output = git.run(
        *(*DIFF, "--raw", "--patch", "--no-abbrev", *options, commit), index=index, bounds=bounds
    )
    # Names are quoted, so the first empty line ends what stands before the patch.
    head, _, patch = output.partition(b"\n\n")
    changes: dict[bytes, Change] = {}
    for line in filter(None, head.split(b"\n")):
        if line.startswith(b":"):
            fields, _, name = line.partition(b"\t")
            changes[name] = _change(fields, name)
        elif line.startswith(b"-\t-\t"):
            name = line[4:]
            changes[name] = replace(changes[name], is_binary=True)
    return list(changes.values()), patch


def _change(fields: bytes, name: bytes) -> Change:
    old_mode, new_mode, old_blob, new_blob, _ = fields[1:].decode("ascii").split(" ")
    path = unquoted(name).decode("utf-8", "surrogateescape")
    return Change(path, old_mode, new_mode, old_blob, new_blob)

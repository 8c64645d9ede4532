"""Which files of a work tree are not as git checked them out.

git's own look (`git add --all`) tells files by whole seconds, and so reads every file again that
was checked out in the second in which its index was written: most of them. The index holds
nanoseconds as well, by which only those of the last few milliseconds are in doubt. It also passes
over whatever is named ``.git``; here that is an error, so that nothing of a change is lost in
silence.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from codybatch.domain.errors import PatchDoesNotApply
from codybatch.workspace.index_file import Indexed, IndexFile
from codybatch.workspace.paths import is_git_name, shown

_LOW_32_BITS = 0xFFFFFFFF  # all that the index keeps of a number
_SUBMODULE = 0o160000


@dataclass(frozen=True)
class DiskChanges:
    """Paths as git has them, sorted.

    Arguments:
        new: files that the index does not have.
        doubtful: files whose status differs from the index's, with what it holds of them.
        gone: files of the index that are not there.
    """

    new: tuple[bytes, ...]
    doubtful: Mapping[bytes, Indexed]
    gone: tuple[bytes, ...]

    def __bool__(self) -> bool:
        return bool(self.new or self.doubtful or self.gone)


def disk_changes(tree: Path, index: IndexFile) -> DiskChanges:
    """Compare a work tree with the index it was checked out by.

    A submodule's empty folder may be missing; git knows no empty folders.

    Raises:
        PatchDoesNotApply: something in the tree is named ``.git``, in any spelling.
    """
    unseen = dict(index.entries)
    new = []
    doubtful = {}
    for path, status in _files(os.fsencode(tree)):
        known = unseen.pop(path, None)
        if known is None:
            new.append(path)
        elif not _is_same(known, status, index.written):
            doubtful[path] = known
    gone = [path for path, known in unseen.items() if known.mode != _SUBMODULE]
    return DiskChanges(tuple(sorted(new)), dict(sorted(doubtful.items())), tuple(sorted(gone)))


def _is_same(known: Indexed, status: os.stat_result, written: int) -> bool:
    if (
        known.modified != status.st_mtime_ns
        or known.changed != status.st_ctime_ns
        or known.inode != status.st_ino & _LOW_32_BITS
        or known.size != status.st_size & _LOW_32_BITS
    ):
        return False
    # Times stand still between two ticks of the kernel's clock (or of the file system's, which may
    # count in seconds): what was written in the tick of the index may have changed within it.
    return known.modified < written


def _files(tree: bytes) -> Iterator[tuple[bytes, os.stat_result]]:
    """Every file and link below a folder; no link is followed, and pipes and sockets are none."""
    folders = [b""]
    while folders:
        prefix = folders.pop()
        with os.scandir(os.path.join(tree, prefix)) as entries:  # noqa: PTH118 - of bytes
            for entry in entries:
                path = prefix + entry.name
                _refuse_git(entry.name, path)
                status = entry.stat(follow_symlinks=False)
                if stat.S_ISDIR(status.st_mode):
                    folders.append(path + b"/")
                elif stat.S_ISREG(status.st_mode) or stat.S_ISLNK(status.st_mode):
                    yield path, status


def _refuse_git(name: bytes, path: bytes) -> None:
    suspect = name[:4].lower() in {b".git", b"git~"} or not name.isascii()
    if suspect and is_git_name(name.decode("utf-8", "surrogateescape")):
        raise PatchDoesNotApply(
            "The change holds a nested git repository, which cannot be published: "
            f"{shown(path.decode('utf-8', 'surrogateescape'))}"
        )

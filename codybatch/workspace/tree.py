"""The work tree as the conversation sees it: a path jail with a journal of what changed.

There are no git calls here, and nothing outside the tree can be named.
"""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from codybatch.domain.errors import ToolRefused
from codybatch.workspace.jail import Jail, Parts
from codybatch.workspace.journal import Journal, blob_sha, names
from codybatch.workspace.manifest import (
    EXECUTABLE,
    FILE,
    SUBMODULE,
    SYMLINK,
    Manifest,
    ManifestEntry,
)
from codybatch.workspace.paths import parts_of, shown

# https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md: under 1024 bytes, this line first.
LFS_FIRST_LINE = b"version https://git-lfs.github.com/spec/v1\n"
LFS_MAX_BYTES = 1_024
_SUGGESTIONS = 3


@dataclass(frozen=True)
class TreeLimits:
    """How much a conversation may write."""

    max_file_bytes: int = 16 * 1024 * 1024
    max_written_bytes: int = 128 * 1024 * 1024
    """Over all writes of the job, so that a loop of writes ends."""
    max_new_files: int = 2_000


_DEFAULT_LIMITS = TreeLimits()


@dataclass(frozen=True)
class TreeFile:
    """A file of the tree."""

    path: str
    size: int
    """Bytes."""
    mode: str
    """As git has it: 100644, 100755, 120000 (symbolic link), 160000 (submodule)."""
    is_lfs_pointer: bool = False

    @property
    def is_symlink(self) -> bool:
        """Whether it is a symbolic link, whose bytes are its target."""
        return self.mode == SYMLINK

    @property
    def is_submodule(self) -> bool:
        """Whether it is another repository's commit, of which nothing was checked out."""
        return self.mode == SUBMODULE


class WorkTree:
    """The files of one checkout, and what was done to them.

    Reading is safe from several threads; changes come one at a time, with no reader beside them.
    Paths are POSIX, relative to the root. Everything that names one raises ToolRefused, with words
    for the model, where it could lead outside or into a git directory.
    """

    def __init__(
        self, root: Path, manifest: Manifest, limits: TreeLimits = _DEFAULT_LIMITS
    ) -> None:
        """Take over a fresh checkout.

        Args:
            root: the work tree; links were checked out as text files (core.symlinks=false).
            manifest: what the pinned commit holds, and what a parent's patch changed since.
            limits: how much may be written.
        """
        self._jail = Jail(root)
        self._journal = Journal(manifest)
        self._limits = limits
        self._written = 0
        # Names that are shown escaped, so that the model can give back what it saw.
        self._by_shown = {name: path for path in manifest.entries if (name := shown(path)) != path}
        for path in manifest.changed_before:
            self._journal.note(path, self._on_disk(path))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the root's descriptor; nothing may be called after."""
        self._jail.close()

    # what there is
    def paths(self) -> tuple[str, ...]:
        """Every path, sorted: the base's and new ones, without deleted ones."""
        return self._journal.paths()

    def files(self) -> Iterator[TreeFile]:
        """Every file in the order of ``paths``, without looking for LFS pointers."""
        return map(self.listed, self.paths())

    def listed(self, path: str) -> TreeFile:
        """The file at one of ``paths``, without looking for an LFS pointer."""
        entry = self._journal.entry(path)
        if entry is None:
            raise self._missing(path)
        return TreeFile(path, entry.size, entry.mode)

    def changed(self) -> tuple[str, ...]:
        """Paths whose bytes, mode or existence differ from the pinned commit, sorted."""
        return self._journal.changed()

    def digest(self) -> str:
        """A sha256 that the same changes of the same commit always give; see ``Journal``."""
        return self._journal.digest()

    def locate(self, path: str) -> str:
        """The tree's own spelling of a path that the model gave: escapes and ``./`` resolved.

        Raises:
            ToolRefused: it could lead out of the tree.
        """
        if self._journal.entry(path) is not None:
            return path
        known = self._by_shown.get(path.removeprefix("./"))
        return known if known is not None else "/".join(parts_of(path))

    def entry(self, path: str) -> TreeFile:
        """One file.

        Raises:
            ToolRefused: there is none; the message names what comes close.
        """
        path = self.locate(path)
        found = self._journal.entry(path)
        if found is None:
            raise self._missing(path)
        return TreeFile(path, found.size, found.mode, self._is_lfs_pointer(found))

    def has(self, path: str) -> bool:
        """Whether there is a file at ``path``."""
        return self._journal.entry(self.locate(path)) is not None

    def is_directory(self, path: str) -> bool:
        """Whether some file lies below ``path``."""
        path = self.locate(path)
        below = bisect_left(self.paths(), f"{path}/")
        return not path or (
            below < len(self.paths()) and self.paths()[below].startswith(f"{path}/")
        )

    # reading
    def read(self, path: str, limit: int | None = None) -> bytes:
        """A file's bytes, at most ``limit`` of them. Of a link: its target.

        Raises:
            ToolRefused: there is no such file, or it is a submodule.
        """
        with self.open(path) as file:
            return _read(file, limit)

    @contextmanager
    def open(self, path: str) -> Iterator[BinaryIO]:
        """A file, unbuffered, for reading in pieces.

        Raises:
            ToolRefused: there is no such file, or it is a submodule.
        """
        entry = self.entry(path)
        if entry.is_submodule:
            raise ToolRefused(
                f"{shown(entry.path)} is a submodule: its files belong to another repository and "
                "are not here."
            )
        with self._jail.open(_split(entry.path)) as file:
            yield file

    def read_all(self, paths: Iterable[str], limit: int) -> Iterator[tuple[str, bytes]]:
        """Many files' bytes, at most ``limit`` of each; links and submodules are left out.

        Fastest for paths in their order. Paths must be the tree's own.

        Raises:
            ToolRefused: a file is gone, or something else stands in its place.
        """
        with self._jail.walk() as walk:
            for path in paths:
                entry = self._journal.entry(path)
                if entry is None or entry.mode in {SYMLINK, SUBMODULE}:
                    continue
                with walk.open(_split(path)) as file:
                    yield path, _read(file, min(limit, entry.size + 1))

    # changing
    def write(self, path: str, data: bytes, *, overwrite: bool = False) -> TreeFile:
        """Write a whole file; its folders are made, its mode is kept.

        Raises:
            ToolRefused: it exists and ``overwrite`` is false, it must not be changed, or a limit
                is reached.
        """
        path = self._writable(path)
        before = self._journal.entry(path)
        if before is not None and not overwrite:
            raise ToolRefused(
                f"{shown(path)} exists ({before.size:,} bytes). Change it with edit_file, or call "
                "write_file again with overwrite=true."
            )
        self._check_bytes(path, len(data))
        self._check_new(path)
        mode = FILE if before is None else before.mode
        self._jail.write(_split(path), data, executable=mode == EXECUTABLE)
        self._written += len(data)
        self._journal.note(path, ManifestEntry(path, mode, blob_sha(data), len(data)))
        return TreeFile(path, len(data), mode)

    def delete(self, path: str) -> None:
        """Remove a file, and the folders that it leaves empty.

        Raises:
            ToolRefused: there is none, or it must not be changed.
        """
        path = self.changeable(path).path
        self._jail.delete(_split(path))
        self._journal.note(path, None)

    def move(self, source: str, target: str) -> None:
        """Rename a file; folders are made, and removed where they become empty.

        Raises:
            ToolRefused: there is no source, there is a target, or one must not be changed.
        """
        source = self.changeable(source).path
        target = self._writable(target, leaving=source)
        if self._journal.entry(target) is not None:
            raise ToolRefused(f"{shown(target)} exists. Choose another name, or delete it first.")
        self._check_new(target)
        self._jail.move(_split(source), _split(target))
        moved = self._journal.entry(source)
        self._journal.note(source, None)
        self._journal.note(target, moved and moved._replace(path=target))

    def changeable(self, path: str) -> TreeFile:
        """A file that tools may change.

        Raises:
            ToolRefused: there is none, or it is a link, a submodule or an LFS pointer.
        """
        entry = self.entry(path)
        name = shown(entry.path)
        if entry.is_symlink:
            raise ToolRefused(
                f"{name} is a symbolic link; links are shown, never followed or changed. "
                "Work on the file it names, or say in your summary what should become of it."
            )
        if entry.is_submodule:
            raise ToolRefused(f"{name} is a submodule and cannot be changed here.")
        if entry.is_lfs_pointer:
            raise ToolRefused(
                f"{name} is a Git LFS pointer: its content is not here and cannot be changed."
            )
        return entry

    # what may be written
    def _writable(self, path: str, leaving: str | None = None) -> str:
        path = self.locate(path)
        if self._journal.entry(path) is not None:
            return self.changeable(path).path
        if self.is_directory(path):
            raise ToolRefused(f"{shown(path) or '.'} is a directory. Name a file inside it.")
        for above in names(path):
            if above != path and self._journal.entry(above) is not None:
                raise ToolRefused(
                    f"{shown(above)} is {_kind(self.entry(above))}, so nothing can lie below it."
                )
        if shown(path) != path:
            raise ToolRefused(f"{shown(path)} holds invisible characters. Choose a plain name.")
        clash = self._journal.other_spelling(path)
        if clash is not None and clash[1] != leaving:
            raise ToolRefused(
                f"{shown(clash[0])} differs only by case or accents from {shown(clash[1])}, which "
                "exists. Use that spelling, or another name."
            )
        return path

    def _check_bytes(self, path: str, size: int) -> None:
        limits = self._limits
        if size > limits.max_file_bytes:
            raise ToolRefused(
                f"{shown(path)} would have {size:,} bytes; at most {limits.max_file_bytes:,} are "
                "allowed. Write less."
            )
        if self._written + size > limits.max_written_bytes:
            raise ToolRefused(
                f"At most {limits.max_written_bytes:,} bytes can be written in one job, and "
                f"{self._written:,} were. Finish with what is done."
            )

    def _check_new(self, path: str) -> None:
        new = self._journal.entry(path) is None and self._journal.is_new(path)
        if new and self._journal.new_files >= self._limits.max_new_files:
            raise ToolRefused(
                f"At most {self._limits.max_new_files:,} files can be added in one job. Finish "
                "with what is done."
            )

    def _on_disk(self, path: str) -> ManifestEntry | None:
        """What a parent's patch left at a path."""
        try:
            with self._jail.open(_split(path)) as file:
                data = _read(file, None)
                executable = os.fstat(file.fileno()).st_mode & 0o100
        except ToolRefused:
            return None
        base = self._journal.entry(path)
        mode = EXECUTABLE if executable else FILE
        if base is not None and base.mode == SYMLINK:
            mode = SYMLINK
        return ManifestEntry(path, mode, blob_sha(data), len(data))

    def _is_lfs_pointer(self, entry: ManifestEntry) -> bool:
        if entry.mode in {SYMLINK, SUBMODULE} or not 0 < entry.size < LFS_MAX_BYTES:
            return False
        with self._jail.open(_split(entry.path)) as file:
            return is_lfs_pointer(_read(file, LFS_MAX_BYTES))

    def _missing(self, path: str) -> ToolRefused:
        if self.is_directory(path):
            return ToolRefused(f"{shown(path) or '.'} is a directory. list_files shows its files.")
        name = path.rpartition("/")[2].casefold()
        close = [known for known in self.paths() if known.rpartition("/")[2].casefold() == name]
        hint = (
            f" Did you mean {', '.join(map(shown, close[:_SUGGESTIONS]))}?"
            if close
            else " glob and list_files show what there is."
        )
        return ToolRefused(f"There is no file {shown(path)}.{hint}")


def is_lfs_pointer(data: bytes) -> bool:
    """Whether a file's bytes are a Git LFS pointer."""
    return len(data) < LFS_MAX_BYTES and data.startswith(LFS_FIRST_LINE)


def _split(path: str) -> Parts:
    return tuple(path.split("/"))


def _kind(entry: TreeFile) -> str:
    if entry.is_symlink:
        return "a symbolic link, and links are never followed"
    return "a submodule" if entry.is_submodule else "a file"


def _read(file: BinaryIO, limit: int | None) -> bytes:
    """Up to ``limit`` bytes of an unbuffered file, which may give fewer at a time."""
    pieces: list[bytes] = []
    left = limit
    while left is None or left > 0:
        piece = file.read(1 << 20 if left is None else min(left, 1 << 20))
        if not piece:
            break
        pieces.append(piece)
        left = None if left is None else left - len(piece)
    return b"".join(pieces)

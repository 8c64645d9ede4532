"""The path jail: files are reached component by component from a descriptor of the root.

No component is ever followed as a link (O_NOFOLLOW at each), and none is looked up twice, so what a
path means cannot change between a check and its use.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from codybatch.domain.errors import ToolRefused
from codybatch.workspace.paths import check_new, check_parts, name_bytes, shown

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# O_NONBLOCK: opening a FIFO must not wait for its other end; regular files take no notice of it.
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_NOT_A_DIRECTORY = {errno.ENOTDIR, errno.ELOOP, errno.EMLINK}

Parts = tuple[str, ...]


class Jail:
    """The regular files under one directory, and no others."""

    def __init__(self, root: Path) -> None:
        """Open ``root``, and its parent, where new files are written before they get their name."""
        self._root = os.open(root, _DIRECTORY)
        self._scratch = os.open(root.parent, _DIRECTORY)

    def close(self) -> None:
        """Let go of the descriptors."""
        os.close(self._root)
        os.close(self._scratch)

    @contextmanager
    def open(self, parts: Parts) -> Iterator[BinaryIO]:
        """A regular file, for reading.

        Raises:
            ToolRefused: there is none, or it is not a regular file.
        """
        with self.walk() as walk, walk.open(parts) as file:
            yield file

    def walk(self) -> Walk:
        """A reader of many files that keeps the directories of the last one open."""
        return Walk(self._root)

    def write(self, parts: Parts, data: bytes, *, executable: bool = False) -> None:
        """Put a file in place whole: written beside the tree, then renamed to its name.

        A process that dies in between leaves no half-written file in the tree.

        Raises:
            ToolRefused: a component of the path is not a directory, or the file system refuses
                the name.
        """
        with (
            self._naming(parts) as directory,
            self._written(data, 0o755 if executable else 0o644) as scratch,
        ):
            os.rename(
                scratch, name_bytes(parts[-1]), src_dir_fd=self._scratch, dst_dir_fd=directory
            )

    def move(self, source: Parts, target: Parts) -> None:
        """Rename a file to a name where nothing stands.

        Raises:
            ToolRefused: as for ``write``, or something stands there.
        """
        with self.walk() as walk, self._naming(target) as directory:
            if _exists(target[-1], directory):
                raise ToolRefused(f"{shown('/'.join(target))} exists. Choose another name.")
            os.rename(
                name_bytes(source[-1]),
                name_bytes(target[-1]),
                src_dir_fd=walk.directory(source[:-1]),
                dst_dir_fd=directory,
            )
        self._prune(source)

    def delete(self, parts: Parts) -> None:
        """Remove a file, and the directories that it leaves empty: git knows none."""
        with self.walk() as walk:
            os.unlink(name_bytes(parts[-1]), dir_fd=walk.directory(parts[:-1]))
        self._prune(parts)

    @contextmanager
    def _naming(self, parts: Parts) -> Iterator[int]:
        """The directory of a new name, made where missing."""
        check_parts(parts)
        check_new(parts)
        with self.walk() as walk:
            try:
                yield walk.directory(parts[:-1], create=True)
            except OSError as error:
                if error.errno in {errno.EISDIR, errno.ENOTDIR, errno.EEXIST, errno.ENOTEMPTY}:
                    raise ToolRefused(
                        f"{shown('/'.join(parts))} is a directory. Name a file inside it."
                    ) from None
                if error.errno in {errno.ENAMETOOLONG, errno.EILSEQ, errno.EINVAL}:
                    raise ToolRefused(
                        f"The file system refuses the name {shown('/'.join(parts))}. Use another."
                    ) from None
                raise

    @contextmanager
    def _written(self, data: bytes, permissions: int) -> Iterator[str]:
        name = f".writing-{secrets.token_hex(8)}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(name, flags, 0o600, dir_fd=self._scratch)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                os.fchmod(file.fileno(), permissions)
            yield name
        finally:
            with suppress(FileNotFoundError):
                os.unlink(name, dir_fd=self._scratch)

    def _prune(self, parts: Parts) -> None:
        with self.walk() as walk:
            for depth in range(len(parts) - 1, 0, -1):
                try:
                    os.rmdir(
                        name_bytes(parts[depth - 1]), dir_fd=walk.directory(parts[: depth - 1])
                    )
                except OSError:
                    return


class Walk:
    """Reads files one after the other, fastest in the order of their paths. Not for two threads."""

    def __init__(self, root: int) -> None:
        """Begin at the descriptor ``root``, which stays the caller's."""
        self._root = root
        self._names: list[str] = []
        self._opened: list[int] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._leave(0)

    @contextmanager
    def open(self, parts: Parts) -> Iterator[BinaryIO]:
        """A regular file, for reading.

        Raises:
            ToolRefused: there is none, or it is not a regular file.
        """
        with os.fdopen(self.descriptor(parts), "rb", buffering=0) as file:
            yield file

    def descriptor(self, parts: Parts) -> int:
        """A descriptor of a regular file, for the caller to close.

        Raises:
            ToolRefused: there is none, or it is not a regular file.
        """
        check_parts(parts)
        try:
            opened = os.open(name_bytes(parts[-1]), _FILE, dir_fd=self.directory(parts[:-1]))
        except OSError as error:
            raise _cannot_open(parts, error) from None
        if not stat.S_ISREG(os.fstat(opened).st_mode):
            os.close(opened)
            raise _not_regular(parts)
        return opened

    def directory(self, parts: Parts, *, create: bool = False) -> int:
        """A descriptor of a directory, open until the next call or the end of the walk.

        Raises:
            ToolRefused: a component is missing or no directory.
        """
        common = 0
        while common < min(len(parts), len(self._names)) and self._names[common] == parts[common]:
            common += 1
        self._leave(common)
        for depth in range(common, len(parts)):
            self._enter(parts[: depth + 1], create=create)
        return self._here

    @property
    def _here(self) -> int:
        return self._opened[-1] if self._opened else self._root

    def _enter(self, parts: Parts, *, create: bool) -> None:
        name = name_bytes(parts[-1])
        try:
            if create:
                with suppress(FileExistsError):
                    os.mkdir(name, 0o755, dir_fd=self._here)
            opened = os.open(name, _DIRECTORY, dir_fd=self._here)
        except OSError as error:
            raise _cannot_open(parts, error) from None
        self._opened.append(opened)
        self._names.append(parts[-1])

    def _leave(self, depth: int) -> None:
        while len(self._opened) > depth:
            os.close(self._opened.pop())
            self._names.pop()


def _exists(name: str, directory: int) -> bool:
    try:
        os.stat(name_bytes(name), dir_fd=directory, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def _cannot_open(parts: Parts, error: OSError) -> ToolRefused | OSError:
    path = shown("/".join(parts))
    if error.errno == errno.ENOENT:
        return ToolRefused(f"There is no {path}. glob and list_files show what there is.")
    if error.errno in _NOT_A_DIRECTORY:
        return ToolRefused(f"{path} is a link or not a directory; links are never followed.")
    if error.errno in {errno.ENAMETOOLONG, errno.EILSEQ, errno.EINVAL, errno.ENXIO}:
        return ToolRefused(f"The file system cannot open {path}. Use another path.")
    return error


def _not_regular(parts: Parts) -> ToolRefused:
    return ToolRefused(f"{shown('/'.join(parts))} is not a regular file. Choose a file.")

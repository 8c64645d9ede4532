"""The blobs port on files.

A file holds an object's bytes and then a footer: their digest, and for more than one part the
digest of each. It is written under another name, synced, and linked to its own: so there is never
an object without its digests, and a name that is taken stays with what it names.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import time
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

from codybatch.domain.errors import BlobExists, BlobMissing
from codybatch.domain.threads import BlobRef
from codybatch.ports.blobs import LINK_LIFETIME
from codybatch.stores.embedded import failures
from codybatch.stores.embedded.blob_file import (
    Digests,
    Footer,
    damaged,
    footer_bytes,
    read_footer,
    read_range,
)
from codybatch.stores.embedded.durability import flush, flush_folder, make_folder
from codybatch.stores.object_keys import parts_of

_UNFINISHED = "~unfinished"
"""No key has a ``~``, so neither this folder nor a suffix with one can stand in a key's way."""
_SUFFIX = "~blob"
_ABANDONED_AFTER = 24 * 3600
"""Seconds without a write after which an unfinished file's writer is taken to be dead."""
_FOLDERS_REMEMBERED = 10_000


class FileBlobs:
    """``Blobs`` in the files of one folder; the disk is not touched before the first use."""

    def __init__(self, root: Path) -> None:
        """Keep the folder, which is made when it is first needed."""
        self._root = root
        self._unfinished = root / _UNFINISHED
        self._lasting: set[Path] = set()

    def put(self, key: str, content: bytes | Iterator[bytes]) -> BlobRef:
        """See ``Blobs.put``."""
        path = self._path(key)
        if isinstance(content, bytes) and (found := self.find(key)):
            return self._same(path, found, _ref_of(key, content))
        unfinished, footer = self._write([content] if isinstance(content, bytes) else content)
        try:
            return self._publish(unfinished, path, footer.ref(key))
        finally:
            with contextlib.suppress(OSError):
                unfinished.unlink()

    def find(self, key: str) -> BlobRef | None:
        """See ``Blobs.find``; the bytes are not read.

        Raises:
            BlobDamaged: what is stored has no footer that fits.
        """
        path = self._path(key)
        try:
            with _opened(path, key) as file:
                return read_footer(file, key).ref(key)
        except BlobMissing:
            return None

    def get(self, ref: BlobRef, start: int = 0, end: int | None = None) -> bytes:
        """See ``Blobs.get``."""
        return b"".join(self._pieces(ref, start, ref.size if end is None else end))

    def stream(self, ref: BlobRef) -> Iterator[bytes]:
        """See ``Blobs.stream``; what is missing is told at once."""
        if self.find(ref.key) is None:
            raise _missing(ref.key)
        return self._pieces(ref, 0, ref.size)

    def link(self, ref: BlobRef, file_name: str, lifetime: timedelta = LINK_LIFETIME) -> None:
        """See ``Blobs.link``: files have no addresses."""

    def _pieces(self, ref: BlobRef, start: int, end: int) -> Iterator[bytes]:
        if start < 0 or end < 0:
            raise ValueError(f"a range begins at 0 or later, not {start}:{end}")
        path = self._path(ref.key)
        with _opened(path, ref.key) as file:
            footer = read_footer(file, ref.key)
            if footer.ref(ref.key) != ref:
                raise damaged(ref.key)
            yield from read_range(file, footer, ref.key, start, end)

    def _path(self, key: str) -> Path:
        parts = parts_of(key)
        return self._root.joinpath(*parts[:-1], parts[-1] + _SUFFIX)

    def _write(self, pieces: Iterable[bytes]) -> tuple[Path, Footer]:
        """Write an object under a name of its own, down to the disk."""
        with _explained(self._unfinished):
            self._make_lasting(self._unfinished)
        path = self._unfinished / f"{os.getpid()}-{secrets.token_hex(8)}"
        try:
            with _new_file(path) as descriptor:
                footer = _fill(descriptor, path, pieces)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return path, footer

    def _publish(self, unfinished: Path, path: Path, ref: BlobRef) -> BlobRef:
        """Give a written object its name, unless the name is taken."""
        with _explained(path):
            self._make_lasting(path.parent)
            try:
                os.link(unfinished, path)
            except FileExistsError:
                pass
            else:
                flush_folder(path.parent)
                return ref
        found = self.find(ref.key)
        return self._same(path, found or ref, ref)

    def _same(self, path: Path, found: BlobRef, ref: BlobRef) -> BlobRef:
        if found != ref:
            raise BlobExists(
                f"The object {ref.key} exists and holds other bytes; objects are never replaced."
            )
        with _explained(path):
            flush_folder(path.parent)  # whoever linked it may not have come so far yet
        return found

    def _make_lasting(self, folder: Path) -> None:
        """Make a folder and its parents, and see that their names are on the disk.

        Another process may have made them a moment ago, so each is synced once by every process.
        """
        if folder in self._lasting:
            return
        if folder == self._root:
            make_folder(folder.parent)
        else:
            self._make_lasting(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
        flush_folder(folder.parent)
        if folder == self._unfinished:
            self._forget_abandoned()
        if len(self._lasting) >= _FOLDERS_REMEMBERED:
            self._lasting.clear()
        self._lasting.add(folder)

    def _forget_abandoned(self) -> None:
        """Remove what died writers left behind; it was never an object."""
        dead_since = time.time() - _ABANDONED_AFTER
        for path in self._unfinished.iterdir():
            with contextlib.suppress(OSError):
                if path.stat().st_mtime < dead_since:
                    path.unlink()


@contextlib.contextmanager
def _new_file(path: Path) -> Iterator[int]:
    with _explained(path):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode=0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _fill(descriptor: int, path: Path, pieces: Iterable[bytes]) -> Footer:
    """Write an object's bytes and footer down to the disk; errors of ``pieces`` stay their own."""
    digests = Digests()
    for piece in pieces:
        digests.add(piece)
        with _explained(path):
            _write_all(descriptor, piece)
    footer = digests.footer()
    with _explained(path):
        _write_all(descriptor, footer_bytes(footer))
        flush(descriptor)
    return footer


def _write_all(descriptor: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _ref_of(key: str, content: bytes) -> BlobRef:
    digests = Digests()
    digests.add(content)
    return digests.footer().ref(key)


def _missing(key: str) -> BlobMissing:
    return BlobMissing(f"There is no object {key}, though a record may point to it.")


@contextlib.contextmanager
def _opened(path: Path, key: str) -> Iterator[BinaryIO]:
    with _explained(path):
        try:
            file = path.open("rb")
        except FileNotFoundError as error:
            raise _missing(key) from error
        with file:
            yield file


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise failures.of_file(error, path) from error

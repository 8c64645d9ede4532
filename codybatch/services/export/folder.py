"""A folder, or a zip file, that comes to be whole or not at all.

Everything is written to a folder beside it whose name begins with a dot, and takes its place in
the end by a rename. What a killed export leaves there is removed by the next one to the same place.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from codybatch.domain.errors import UsageError
from codybatch.services.export.manifest import ExportedFile

_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*")
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The least moment a zip file can name: the same content makes the same bytes."""


class DigestingFile:
    """A file that is written once, from its beginning to its end."""

    def __init__(self, path: str, file: BinaryIO) -> None:
        """Write to ``file``, which becomes ``path`` of the export."""
        self.path = path
        self.holds_secret = False
        self._file = file
        self._digest = hashlib.sha256()
        self._size = 0

    def write(self, content: bytes) -> None:
        """Add bytes."""
        self._file.write(content)
        self._digest.update(content)
        self._size += len(content)

    def write_text(self, text: str) -> None:
        """Add text; half a surrogate pair, which no UTF-8 can hold, as its escape."""
        self.write(text.encode("utf-8", "backslashreplace"))

    @property
    def entry(self) -> ExportedFile:
        """What the manifest says of it."""
        return ExportedFile(
            path=self.path,
            size=self._size,
            sha256=self._digest.hexdigest(),
            holds_secret=self.holds_secret,
        )


class ExportFolder:
    """The place of one export while it is written.

    Args:
        target: what it will be: a folder, or a zip file where its name ends so.
        replace: whether it takes the place of what is there.
    """

    def __init__(self, target: Path, *, replace: bool = False) -> None:
        self._target = target
        self._replaces = replace
        self.entries: list[ExportedFile] = []
        """The files so far, in the order in which they were written."""

    def __enter__(self) -> Self:
        """Make the hidden folder.

        Raises:
            UsageError: something is there already, or nothing can be written there.
        """
        self._refuse_what_is_there()
        with self._in_words():
            self._remove_what_was_left()
            folder = tempfile.mkdtemp(prefix=self._prefix, dir=self._target.parent)
            self._made = Path(folder)
            self._lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._root = self._made / "content"
            self._root.mkdir()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Remove what did not become the target."""
        shutil.rmtree(self._made, ignore_errors=True)
        os.close(self._lock)

    @contextmanager
    def file(self, path: str) -> Iterator[DigestingFile]:
        """A new file of the export.

        Args:
            path: below its root, made of our own names.

        Raises:
            ValueError: a part of the path is no plain name, so it could lead elsewhere.
            UsageError: it cannot be written (the disk is full).
        """
        parts = path.split("/")
        if not all(_NAME.fullmatch(part) for part in parts):
            raise ValueError(f"{path!r} is no name for a file of an export.")
        name = self._root.joinpath(*parts)
        with self._in_words():
            name.parent.mkdir(parents=True, exist_ok=True)
            with name.open("xb") as file:
                made = DigestingFile(path, file)
                yield made
                file.flush()
                os.fsync(file.fileno())
        self.entries.append(made.entry)

    def publish(self) -> None:
        """Put everything in its place, at once.

        Raises:
            UsageError: something has come to be there meanwhile, or it cannot be written.
        """
        with self._in_words():
            whole = self._packed() if self._target.suffix == ".zip" else self._root
            self._refuse_what_is_there()
            if self._target.is_dir():  # a folder takes the place of no other; a file does
                self._target.rename(self._made / "before")
            whole.rename(self._target)
            _flush_folder(self._target.parent)

    @property
    def _prefix(self) -> str:
        return f".{self._target.name}.partial-"

    def _packed(self) -> Path:
        packed = self._made / "content.zip"
        with packed.open("xb") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
                for entry in sorted(self._root.rglob("*")):
                    if entry.is_file():
                        _add(archive, entry, entry.relative_to(self._root).as_posix())
            file.flush()
            os.fsync(file.fileno())
        return packed

    def _refuse_what_is_there(self) -> None:
        if not os.path.lexists(self._target):
            return
        if not self._replaces:
            raise UsageError(
                f"{self._target} is there already. Choose another name, or replace it with --force."
            )
        is_folder = self._target.is_dir() and not self._target.is_symlink()
        if is_folder is (self._target.suffix == ".zip"):
            kind = "a folder" if is_folder else "a file"
            raise UsageError(f"{self._target} is {kind}, and is not replaced by something else.")
        if is_folder and any(self._target.iterdir()) and not self._is_an_export():
            raise UsageError(
                f"{self._target} holds other things than an export, and is not replaced."
            )

    def _is_an_export(self) -> bool:
        return (self._target / "manifest.json").is_file()

    def _remove_what_was_left(self) -> None:
        """Remove the hidden folders of exports that were killed: nobody holds their lock."""
        for left in self._target.parent.glob(f"{_escaped(self._prefix)}*"):
            with suppress(OSError):
                descriptor = os.open(left, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
                try:
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(left)
                finally:
                    os.close(descriptor)

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise UsageError(
                f"{self._target} cannot be written: {error.strerror or error}."
            ) from None


def _add(archive: zipfile.ZipFile, file: Path, name: str) -> None:
    entry = zipfile.ZipInfo(name, _LONG_AGO)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    with file.open("rb") as source, archive.open(entry, "w", force_zip64=True) as target:
        shutil.copyfileobj(source, target, 1 << 20)


def _escaped(name: str) -> str:
    return re.sub(r"([*?\[])", r"[\1]", name)


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

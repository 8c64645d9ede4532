"""The site of one machine: a folder, which the workbench also shows."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from codybatch.ports.site import INDEX, REPORTS, in_order
from codybatch.stores.embedded import failures
from codybatch.stores.embedded.durability import flush, flush_folder, make_folder
from codybatch.stores.object_keys import check_names


class FolderSite:
    """``Site`` in a folder under a home directory; the disk is not touched before the first use."""

    def __init__(self, home: Path) -> None:
        """Keep the home directory."""
        self._root = home / REPORTS

    def publish(self, folder: str, files: Mapping[str, bytes]) -> str:
        """See ``Site.publish``; the address is a ``file:`` one."""
        check_names(folder, files)
        place = self._root / folder
        try:
            make_folder(place)
            for name, content in in_order(files):
                _replace(place / name, content)
            flush_folder(place)
        except OSError as error:
            raise failures.of_file(error, place) from error
        return (place / INDEX if INDEX in files else place).absolute().as_uri()


def _replace(path: Path, content: bytes) -> None:
    """Write a file whole under another name, down to the disk, then give it its own."""
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            flush(descriptor)
        unfinished.replace(path)
    except BaseException:
        with suppress(OSError):
            unfinished.unlink()
        raise

"""The port of the site: files that people look at in a browser."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

REPORTS = "reports"
"""The folder under which a site keeps reports."""
INDEX = "index.html"
"""The file that a browser is shown for a folder."""
KINDS: Mapping[str, str] = {
    ".html": "text/html; charset=utf-8",
    ".md": "text/markdown; charset=utf-8",
    ".json": "application/json",
    ".csv": "text/csv; charset=utf-8",
    ".parquet": "application/vnd.apache.parquet",
}
"""What each file is told to be, by the end of its name."""


class Site(Protocol):
    """A place for files that a browser shows.

    A name is a part of ``[A-Za-z0-9._-]``, not ``.`` or ``..``.
    """

    def publish(self, folder: str, files: Mapping[str, bytes]) -> str:
        """Put files into a folder of reports, in the place of those of the same names; gives the
        address of its index, or of the folder where no file is the index.

        Each file is replaced whole. The index comes last, so that it names nothing that is not
        there. Others in the folder stay. The same files again change nothing.

        Args:
            folder: a name.
            files: the bytes of each, by name.

        Raises:
            StoreError: a name cannot be one, or they cannot be put there.
        """
        ...


def kind_of(name: str) -> str:
    """What a file is told to be."""
    end = name[name.rfind(".") :] if "." in name else ""
    return KINDS.get(end, "application/octet-stream")


def in_order(files: Mapping[str, bytes]) -> list[tuple[str, bytes]]:
    """The files by their names, the index last."""
    return sorted(files.items(), key=lambda one: (one[0] == INDEX, one[0]))

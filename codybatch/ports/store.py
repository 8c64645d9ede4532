"""The port of stores: records and blobs that belong together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from codybatch.ports.blobs import Blobs
from codybatch.ports.records import Records


class Store(Protocol):
    """Where records live, and the blobs that they point to."""

    @property
    def records(self) -> Records:
        """The records."""
        ...

    @property
    def blobs(self) -> Blobs:
        """The blobs."""
        ...

    @property
    def setbacks(self) -> Mapping[str, Mapping[str, int]]:
        """How often services behind the store had to be asked again since it was opened: by the
        service, then by the reason; without those that never had to.
        """
        ...

    def close(self) -> None:
        """Let go of connections; nothing may be called after."""
        ...

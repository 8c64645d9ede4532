"""The port of stores: records and blobs that belong together."""

from __future__ import annotations

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

    def close(self) -> None:
        """Let go of connections; nothing may be called after."""
        ...

"""The embedded store as the contracts see it."""

from __future__ import annotations

from pathlib import Path

from codybatch.domain.threads import BlobRef
from codybatch.ports import Blobs, Records
from codybatch.stores.embedded import EmbeddedStore
from tests.contracts.fixtures import StoreFixtures


class EmbeddedFixtures(StoreFixtures):
    """SQLite and files in a temporary folder."""

    @staticmethod
    def make_records(place: Path) -> Records:
        return EmbeddedStore(place).records

    @staticmethod
    def make_blobs(place: Path) -> Blobs:
        return EmbeddedStore(place).blobs

    @staticmethod
    def tamper(place: Path, ref: BlobRef, offset: int) -> None:
        with _file_of(place, ref).open("r+b") as file:
            file.seek(offset)
            byte = file.read(1)
            file.seek(offset)
            file.write(bytes([byte[0] ^ 1]))

    @staticmethod
    def remove(place: Path, ref: BlobRef) -> None:
        _file_of(place, ref).unlink()


def _file_of(place: Path, ref: BlobRef) -> Path:
    return place / "blobs" / f"{ref.key}~blob"

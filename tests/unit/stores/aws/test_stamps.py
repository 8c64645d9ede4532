"""The digests of an object fit into what S3 keeps beside it, and nothing else passes for them."""

from __future__ import annotations

import hashlib
from io import BytesIO

import pytest

from codybatch.domain.errors import BlobDamaged
from codybatch.stores.aws.stamps import Stamp, part_bytes, stamp_in, stamp_of
from tests.contracts.blobs_contract import some_bytes

MIB = 1 << 20
METADATA_BYTES = 2048


@pytest.mark.parametrize(
    ("size", "length"),
    [
        (0, MIB),
        (1, MIB),
        (40 * MIB, MIB),
        (40 * MIB + 1, 2 * MIB),
        (80 * MIB, 2 * MIB),
        (5 << 40, 1 << 37),
    ],
)
def test_an_object_has_at_most_forty_parts(size: int, length: int) -> None:
    assert part_bytes(size) == length
    assert size <= 40 * length


def test_the_digests_of_any_object_fit_into_its_metadata() -> None:
    largest = Stamp(5 << 40, "f" * 64, (bytes(32),) * 40)

    used = sum(len(name) + len(value) for name, value in largest.metadata().items())

    assert used <= METADATA_BYTES


@pytest.mark.parametrize("size", [0, 1, MIB, MIB + 1, 3 * MIB])
def test_a_stamp_is_read_as_it_was_made(size: int) -> None:
    content = some_bytes(size)

    stamp = stamp_of(BytesIO(content), size)

    assert stamp_in(stamp.metadata(), size, "k") == stamp
    assert stamp.sha256 == hashlib.sha256(content).hexdigest()
    for number in range(-(-size // MIB)):
        part = content[number * MIB : (number + 1) * MIB]
        assert stamp.digest_of(number) == hashlib.sha256(part).digest()


def test_a_stamp_is_of_all_bytes_wherever_their_reader_stands() -> None:
    source = BytesIO(b"content")
    source.seek(3)

    assert stamp_of(source, 7).sha256 == hashlib.sha256(b"content").hexdigest()


@pytest.mark.parametrize("stored_bytes", [2 * MIB, 3 * MIB + 1])
def test_a_stamp_of_another_length_is_refused(stored_bytes: int) -> None:
    stamp = stamp_of(BytesIO(some_bytes(3 * MIB)), 3 * MIB)

    with pytest.raises(BlobDamaged, match=str(3 * MIB)):
        stamp_in(stamp.metadata(), stored_bytes, "k")


def test_a_part_without_digest_is_damage() -> None:
    stamp = stamp_of(BytesIO(some_bytes(3 * MIB)), 3 * MIB)
    fewer = Stamp(stamp.size, stamp.sha256, stamp.parts[:2])

    with pytest.raises(BlobDamaged):
        stamp_in(fewer.metadata(), stamp.size, "k")

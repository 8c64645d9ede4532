"""The contract of blobs: immutable objects, checked whenever they are read."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from codybatch.domain.errors import BlobDamaged, BlobExists, BlobMissing, StoreError
from codybatch.domain.threads import BlobRef
from codybatch.ports import Blobs
from tests.contracts.fixtures import StoreFixtures, in_processes

KEY = "jobs/01j-1/a0001/c01/000001.reply.json"
MIB = 1 << 20
SIZES = [0, 1, 3_000, MIB - 1, MIB, MIB + 1, 2 * MIB, 3 * MIB + 17]


def some_bytes(size: int, seed: int = 1) -> bytes:
    return random.Random(seed).randbytes(size)


def ref_of(content: bytes, key: str = KEY) -> BlobRef:
    return BlobRef(key=key, size=len(content), sha256=hashlib.sha256(content).hexdigest())


def in_pieces(content: bytes, size: int) -> Iterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


class PutContract(StoreFixtures):
    @pytest.mark.parametrize("size", SIZES)
    def test_an_object_is_read_as_it_was_stored(self, blobs: Blobs, size: int) -> None:
        content = some_bytes(size)

        ref = blobs.put(KEY, content)

        assert ref == ref_of(content)
        assert blobs.find(KEY) == ref
        assert blobs.get(ref) == content
        assert b"".join(blobs.stream(ref)) == content

    @pytest.mark.parametrize("piece", [1_000, 65_536, MIB - 1, MIB + 1, 10 * MIB])
    def test_an_object_may_come_in_pieces_of_any_size(self, blobs: Blobs, piece: int) -> None:
        content = some_bytes(2 * MIB + 5)

        ref = blobs.put(KEY, in_pieces(content, piece))

        assert ref == ref_of(content)
        assert blobs.get(ref) == content

    def test_no_pieces_are_an_empty_object(self, blobs: Blobs) -> None:
        ref = blobs.put(KEY, iter([]))

        assert ref == ref_of(b"")
        assert blobs.get(ref) == b""
        assert list(blobs.stream(ref)) in ([], [b""])

    def test_the_same_bytes_again_are_the_same_object(self, blobs: Blobs) -> None:
        content = some_bytes(2 * MIB)
        first = blobs.put(KEY, content)

        assert blobs.put(KEY, content) == first
        assert blobs.put(KEY, in_pieces(content, 100_000)) == first
        assert blobs.get(first) == content

    @pytest.mark.parametrize("other", [b"", b"Content", b"content more", b"conten"])
    def test_other_bytes_under_the_key_are_refused(self, blobs: Blobs, other: bytes) -> None:
        ref = blobs.put(KEY, b"content")

        with pytest.raises(BlobExists):
            blobs.put(KEY, other)
        with pytest.raises(BlobExists):
            blobs.put(KEY, iter([other]))

        assert blobs.get(ref) == b"content"

    def test_the_same_bytes_may_have_many_keys(self, blobs: Blobs) -> None:
        refs = [blobs.put(f"jobs/{number}", b"content") for number in range(3)]

        assert len({ref.key for ref in refs}) == 3
        assert len({ref.sha256 for ref in refs}) == 1

    def test_a_writer_that_gives_up_leaves_nothing(self, blobs: Blobs) -> None:
        def breaks_off() -> Iterator[bytes]:
            yield some_bytes(2 * MIB)
            raise TimeoutError("the other side is gone")

        with pytest.raises(TimeoutError, match="the other side is gone"):
            blobs.put(KEY, breaks_off())

        assert blobs.find(KEY) is None
        assert blobs.get(blobs.put(KEY, b"other")) == b"other"

    def test_nothing_is_seen_of_an_object_that_is_being_written(self, blobs: Blobs) -> None:
        seen: list[BlobRef | None] = []

        def looks_meanwhile() -> Iterator[bytes]:
            for piece in in_pieces(some_bytes(3 * MIB), MIB):
                yield piece
                seen.append(blobs.find(KEY))

        blobs.put(KEY, looks_meanwhile())

        assert seen == [None, None, None]

    @pytest.mark.parametrize(
        "key",
        [
            "a",
            "A-Z_a.z/0",
            "a/b/c/d/e/f/g/h",
            "...",
            "a/..b",
            ".hidden",
            "-",
            "_",
            "tmp",
            "a.parts",
            "x" * 200,
        ],
    )
    def test_a_key_is_parts_of_letters_digits_dots_dashes_and_underscores(
        self, blobs: Blobs, key: str
    ) -> None:
        ref = blobs.put(key, b"content")

        assert ref.key == key
        assert blobs.get(ref) == b"content"

    @pytest.mark.parametrize(
        "key",
        [
            "",
            "/",
            "/a",
            "a/",
            "a//b",
            ".",
            "..",
            "../a",
            "a/../b",
            "a/./b",
            "a b",
            "a\\b",
            "a\n",
            "a\x00b",
            "é",
            "a~b",
            "a:b",
            "x" * 5_000,
        ],
    )
    def test_any_other_key_is_refused(self, blobs: Blobs, key: str) -> None:
        with pytest.raises(StoreError):
            blobs.put(key, b"content")
        with pytest.raises(StoreError):
            blobs.find(key)
        with pytest.raises(StoreError):
            blobs.get(ref_of(b"content", key))
        with pytest.raises(StoreError):
            list(blobs.stream(ref_of(b"content", key)))

    def test_a_key_may_go_on_where_another_ends(self, blobs: Blobs) -> None:
        keys = ["jobs/1", "jobs/1/patch", "jobs", "jobs/1.blob", "jobs/1.blob/patch"]

        refs = [blobs.put(key, key.encode()) for key in keys]

        assert [blobs.get(ref) for ref in refs] == [key.encode() for key in keys]

    def test_of_writers_at_once_one_wins(self, blobs: Blobs) -> None:
        contents = [some_bytes(MIB + 10, seed) for seed in range(8)]

        with ThreadPoolExecutor(8) as writers:
            won = list(writers.map(lambda content: _puts(blobs, KEY, content), contents))

        assert won.count(True) == 1
        assert blobs.get(ref_of(contents[won.index(True)])) == contents[won.index(True)]

    def test_writers_of_the_same_bytes_at_once_all_win(self, blobs: Blobs) -> None:
        content = some_bytes(MIB + 10)

        with ThreadPoolExecutor(8) as writers:
            refs = list(writers.map(lambda _: blobs.put(KEY, content), range(8)))

        assert set(refs) == {ref_of(content)}

    def test_of_processes_that_write_at_once_one_wins(self, blobs: Blobs, place: Path) -> None:
        tasks = [(_put_all, (self.make_blobs, place, number)) for number in range(3)]

        won = in_processes(tasks)

        for round_number in range(5):
            winners = [number for number in range(3) if won[number][round_number]]
            assert len(winners) == 1
            content = some_bytes(50_000, winners[0])
            assert blobs.get(ref_of(content, f"jobs/{round_number}")) == content


def _puts(blobs: Blobs, key: str, content: bytes) -> bool:
    try:
        blobs.put(key, content)
    except BlobExists:
        return False
    return True


def _put_all(
    ready: Callable[[], object], make: Callable[[Path], Blobs], place: Path, number: int
) -> list[bool]:
    blobs = make(place)
    content = some_bytes(50_000, number)
    ready()
    return [_puts(blobs, f"jobs/{round_number}", content) for round_number in range(5)]


class ReadContract(StoreFixtures):
    def test_what_was_never_stored_is_missing(self, blobs: Blobs) -> None:
        ref = ref_of(b"content")

        assert blobs.find(KEY) is None
        with pytest.raises(BlobMissing):
            blobs.get(ref)
        with pytest.raises(BlobMissing):
            list(blobs.stream(ref))

    def test_what_was_removed_is_missing(self, blobs: Blobs, place: Path) -> None:
        ref = blobs.put(KEY, b"content")

        self.remove(place, ref)

        assert blobs.find(KEY) is None
        with pytest.raises(BlobMissing):
            blobs.get(ref)

    @pytest.mark.parametrize(
        ("start", "end"),
        [
            (0, 0),
            (0, 1),
            (5, 5),
            (7, 3),
            (0, MIB),
            (MIB - 1, MIB + 1),
            (MIB, MIB),
            (MIB, 2 * MIB),
            (100, 3 * MIB),
            (3 * MIB, None),
            (3 * MIB + 16, None),
            (3 * MIB + 17, None),
            (3 * MIB + 18, None),
            (0, 99 * MIB),
            (50 * MIB, 99 * MIB),
            (0, None),
        ],
    )
    def test_a_range_is_cut_as_bytes_are(self, blobs: Blobs, start: int, end: int | None) -> None:
        for size in (10, 3 * MIB + 17):
            content = some_bytes(size)
            ref = blobs.put(f"jobs/{size}", content)

            assert blobs.get(ref, start, end) == content[start:end]

    @pytest.mark.parametrize("bounds", [(-1, None), (0, -1), (-5, -1)])
    def test_a_range_does_not_count_from_the_end(
        self, blobs: Blobs, bounds: tuple[int, int | None]
    ) -> None:
        ref = blobs.put(KEY, b"content")

        with pytest.raises(ValueError, match="range"):
            blobs.get(ref, *bounds)

    @pytest.mark.parametrize("size", [1, 3_000, MIB, 3 * MIB])
    def test_damage_is_noticed(self, blobs: Blobs, place: Path, size: int) -> None:
        ref = blobs.put(KEY, some_bytes(size))

        self.tamper(place, ref, size // 2)

        with pytest.raises(BlobDamaged):
            blobs.get(ref)
        with pytest.raises(BlobDamaged):
            list(blobs.stream(ref))
        with pytest.raises(BlobDamaged):
            blobs.get(ref, size // 2, size // 2 + 1)

    def test_a_range_beside_the_damage_is_read(self, blobs: Blobs, place: Path) -> None:
        content = some_bytes(3 * MIB)
        ref = blobs.put(KEY, content)

        self.tamper(place, ref, MIB + 5)

        assert blobs.get(ref, 0, MIB) == content[:MIB]
        assert blobs.get(ref, 2 * MIB + 1) == content[2 * MIB + 1 :]
        with pytest.raises(BlobDamaged):
            blobs.get(ref, MIB - 1, MIB + 1)

    def test_damage_anywhere_in_a_part_is_noticed(self, blobs: Blobs, place: Path) -> None:
        ref = blobs.put(KEY, some_bytes(3 * MIB))

        self.tamper(place, ref, 2 * MIB - 1)

        with pytest.raises(BlobDamaged):
            blobs.get(ref, MIB, MIB + 1)

    def test_a_stream_gives_nothing_that_was_not_checked(self, blobs: Blobs, place: Path) -> None:
        content = some_bytes(3 * MIB)
        ref = blobs.put(KEY, content)
        self.tamper(place, ref, 2 * MIB + 5)
        given: list[bytes] = []

        with pytest.raises(BlobDamaged):
            given.extend(blobs.stream(ref))

        assert content.startswith(b"".join(given))
        assert len(b"".join(given)) <= 2 * MIB

    def test_damage_is_found_by_who_looks_the_object_up(self, blobs: Blobs, place: Path) -> None:
        ref = blobs.put(KEY, some_bytes(3_000))
        self.tamper(place, ref, 7)

        found = blobs.find(KEY)

        assert found == ref
        with pytest.raises(BlobDamaged):
            blobs.get(found)

    @pytest.mark.parametrize("change", [{"sha256": "0" * 64}, {"size": 6}])
    def test_an_object_that_is_not_what_the_record_names_is_damaged(
        self, blobs: Blobs, change: dict[str, object]
    ) -> None:
        ref = blobs.put(KEY, b"content").with_(**change)

        with pytest.raises(BlobDamaged):
            blobs.get(ref)
        with pytest.raises(BlobDamaged):
            list(blobs.stream(ref))

    def test_a_large_object_is_streamed_in_pieces(self, blobs: Blobs) -> None:
        piece = some_bytes(MIB)
        ref = blobs.put(KEY, (piece for _ in range(40)))

        digest, longest = hashlib.sha256(), 0
        for received in blobs.stream(ref):
            digest.update(received)
            longest = max(longest, len(received))

        assert digest.hexdigest() == ref.sha256
        assert ref.size == 40 * MIB
        assert longest <= 16 * MIB

    def test_objects_are_seen_by_every_store_of_the_place(self, blobs: Blobs, place: Path) -> None:
        other = self.make_blobs(place)

        ref = blobs.put(KEY, b"content")

        assert other.find(KEY) == ref
        assert other.get(ref) == b"content"
        assert other.put(KEY, b"content") == ref

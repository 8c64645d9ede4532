"""Objects in S3: what stands in the bucket, and what a bad network does to it."""

from __future__ import annotations

import base64
import hashlib
import threading
from collections.abc import Iterator
from contextlib import closing

import pytest

from codybatch.domain.errors import BlobDamaged, BlobExists, BlobMissing, StoreUnavailable
from codybatch.stores.aws.bucket import Bucket
from codybatch.stores.aws.objects import PREFIX, S3Blobs
from codybatch.stores.aws.patience import Patience
from tests.aws_edge import Altered, Cut, Edge, Fault, Lost, Refused, Shortened, Stalled, method
from tests.contracts.aws import session
from tests.contracts.blobs_contract import some_bytes

KEY = "jobs/1/patch"
MIB = 1 << 20
PUT, GET, HEAD = method("PUT"), method("GET"), method("HEAD")
CONFLICT = Refused(409, "ConditionalRequestConflict")


def test_the_bucket_is_not_asked_before_the_first_object(edge: Edge, blobs: S3Blobs) -> None:
    assert edge.asked == []

    blobs.put(KEY, b"content")

    assert len(edge.asked) == 1


def test_an_object_in_the_bucket_is_the_bytes_and_nothing_else(
    stored: Bucket, blobs: S3Blobs
) -> None:
    ref = blobs.put(KEY, b"diff --git a/x b/x\n")

    found = stored.client.get_object(Bucket=stored.name, Key=PREFIX + KEY, ChecksumMode="ENABLED")
    with closing(found["Body"]) as body:
        assert body.read() == b"diff --git a/x b/x\n"
    assert found["Metadata"]["codybatch-sha256"] == ref.sha256
    assert base64.b64decode(found["ChecksumSHA256"]).hex() == ref.sha256


def test_encryption_is_the_buckets_to_decide(edge: Edge, blobs: S3Blobs) -> None:
    blobs.put(KEY, b"content")

    assert not [name for name in edge.asked[0].headers if "encryption" in name]


@pytest.mark.parametrize("size", [100, 3 * MIB])
def test_a_small_object_costs_one_call_to_write_and_one_to_read(
    edge: Edge, blobs: S3Blobs, size: int
) -> None:
    content = some_bytes(size)

    ref = blobs.put(KEY, content)
    assert blobs.get(ref) == content

    assert [asked.method for asked in edge.asked] == ["PUT", "GET"]


def test_a_range_fetches_the_parts_it_touches_and_no_more(edge: Edge, blobs: S3Blobs) -> None:
    ref = blobs.put(KEY, some_bytes(3 * MIB))

    blobs.get(ref, MIB + 7, MIB + 9)

    assert edge.asked[-1].headers["range"] == f"bytes={MIB}-{2 * MIB - 1}"


@pytest.mark.parametrize(
    "fault", [CONFLICT, Refused(503, "SlowDown"), Refused(500, "InternalError"), Cut()]
)
def test_a_write_that_came_to_nothing_is_made_again(
    edge: Edge, blobs: S3Blobs, fault: Fault
) -> None:
    edge.disturb(fault, when=PUT, times=2)

    ref = blobs.put(KEY, b"content")

    assert blobs.get(ref) == b"content"
    assert edge.count(PUT) == 3


def test_a_write_whose_answer_was_lost_is_known_for_our_own(edge: Edge, blobs: S3Blobs) -> None:
    edge.disturb(Lost(), when=PUT)

    ref = blobs.put(KEY, b"content")

    assert blobs.get(ref) == b"content"
    assert edge.count(PUT) == 2


def test_where_an_answer_was_lost_anothers_bytes_are_not_taken_for_our_own(
    edge: Edge, blobs: S3Blobs, stored: Bucket
) -> None:
    S3Blobs(stored).put(KEY, b"other")
    edge.disturb(Lost(), when=PUT)

    with pytest.raises(BlobExists, match=KEY):
        blobs.put(KEY, b"content")


def test_a_conflict_that_somebody_elses_object_ends_is_no_success(
    edge: Edge, blobs: S3Blobs, stored: Bucket
) -> None:
    S3Blobs(stored).put(KEY, b"other")
    edge.disturb(CONFLICT, when=PUT)

    with pytest.raises(BlobExists):
        blobs.put(KEY, b"content")
    assert edge.count(PUT) == 1


def test_conflicts_without_end_are_told(edge: Edge, blobs: S3Blobs) -> None:
    edge.disturb(CONFLICT, when=PUT, times=100)

    with pytest.raises(StoreUnavailable, match="other writers"):
        blobs.put(KEY, b"content")
    assert blobs.find(KEY) is None


def test_bytes_that_changed_on_the_way_up_are_refused_and_sent_again(
    edge: Edge, blobs: S3Blobs
) -> None:
    edge.disturb(Refused(400, "BadDigest"), when=PUT)

    assert blobs.get(blobs.put(KEY, b"content")) == b"content"


@pytest.mark.parametrize(
    "fault",
    [Cut(), Lost(), Shortened(MIB), Refused(503, "SlowDown"), Refused(500, "InternalError")],
)
def test_a_read_that_broke_off_is_made_again(edge: Edge, blobs: S3Blobs, fault: Fault) -> None:
    content = some_bytes(3 * MIB)
    ref = blobs.put(KEY, content)
    edge.disturb(fault, fault, when=GET)

    assert blobs.get(ref) == content
    assert edge.count(GET) == 3


def test_bytes_that_changed_on_the_way_down_are_not_given_out(edge: Edge, blobs: S3Blobs) -> None:
    ref = blobs.put(KEY, some_bytes(3 * MIB))
    edge.disturb(Altered(MIB + 1), when=GET)
    given: list[bytes] = []

    with pytest.raises(BlobDamaged):
        given.extend(blobs.stream(ref))

    assert len(b"".join(given)) == MIB


def test_an_answer_that_does_not_come_is_asked_for_again(edge: Edge, stored: Bucket) -> None:
    S3Blobs(stored).put(KEY, b"content")
    hasty = Bucket(stored.name, Patience(answer=0.3, first_ceiling=0.01), session())
    edge.disturb(Stalled(), when=HEAD)

    found = S3Blobs(hasty).find(KEY)

    assert found
    assert edge.count(HEAD) == 2
    hasty.close()


def test_a_reader_that_pauses_holds_no_connection(edge: Edge, blobs: S3Blobs) -> None:
    content = some_bytes(20 * MIB)
    ref = blobs.put(KEY, content)
    stream = blobs.stream(ref)
    received = [next(stream)]
    before = edge.count(GET)

    edge.disturb(Cut(), when=GET)  # what is left is asked for when it is wanted
    received.extend(stream)

    assert before == 1
    assert b"".join(received) == content


def test_objects_longer_than_40_parts_have_longer_parts(edge: Edge, blobs: S3Blobs) -> None:
    piece = some_bytes(MIB)
    ref = blobs.put(KEY, (piece for _ in range(41)))

    assert blobs.get(ref, 3 * MIB - 2, 3 * MIB + 1) == piece[-2:] + piece[:1]
    assert edge.asked[-1].headers["range"] == f"bytes={2 * MIB}-{4 * MIB - 1}"
    assert [len(part) for part in blobs.stream(ref)] == [2 * MIB] * 20 + [MIB]


def overwrite(stored: Bucket, body: bytes, **metadata: str) -> None:
    stored.client.put_object(Bucket=stored.name, Key=PREFIX + KEY, Body=body, Metadata=metadata)


def test_an_object_that_somebody_uploaded_by_hand_is_damaged(
    stored: Bucket, blobs: S3Blobs
) -> None:
    ref = blobs.put(KEY, b"content")
    overwrite(stored, b"content")

    with pytest.raises(BlobDamaged, match="metadata"):
        blobs.find(KEY)
    with pytest.raises(BlobDamaged, match="earlier version"):
        blobs.get(ref)
    with pytest.raises(BlobDamaged):
        blobs.stream(ref)
    with pytest.raises(BlobDamaged):
        blobs.put(KEY, b"content")


@pytest.mark.parametrize("other", [b"", b"conten", b"content and more"])
def test_an_object_that_was_cut_or_went_on_growing_is_damaged(
    stored: Bucket, blobs: S3Blobs, other: bytes
) -> None:
    ref = blobs.put(KEY, b"content")
    head = stored.client.head_object(Bucket=stored.name, Key=PREFIX + KEY)
    overwrite(stored, other, **head["Metadata"])

    with pytest.raises(BlobDamaged):
        blobs.find(KEY)
    with pytest.raises(BlobDamaged):
        blobs.get(ref)
    with pytest.raises(BlobDamaged):
        blobs.get(ref, 0, 1)


@pytest.mark.parametrize(
    "change",
    [
        {"codybatch-size": "-1"},
        {"codybatch-size": "x"},
        {"codybatch-sha256": "zz"},
        {"codybatch-parts": "not base64!"},
        {"codybatch-parts": base64.b64encode(bytes(31)).decode()},
        {"codybatch-parts": base64.b64encode(bytes(64)).decode()},
    ],
)
def test_forged_metadata_is_damage(stored: Bucket, blobs: S3Blobs, change: dict[str, str]) -> None:
    ref = blobs.put(KEY, b"content")
    head = stored.client.head_object(Bucket=stored.name, Key=PREFIX + KEY)
    overwrite(stored, b"content", **{**head["Metadata"], **change})

    with pytest.raises(BlobDamaged):
        blobs.get(ref)


def test_an_empty_range_of_what_is_missing_is_missing(blobs: S3Blobs) -> None:
    ref = blobs.put("jobs/2", b"content").with_(key=KEY)

    with pytest.raises(BlobMissing, match=KEY):
        blobs.get(ref, 3, 3)
    with pytest.raises(BlobMissing, match=KEY):
        blobs.stream(ref)


def test_writers_that_gather_at_once_keep_their_bytes_apart(blobs: S3Blobs) -> None:
    together = threading.Barrier(4, timeout=60)

    def slowly(seed: int) -> Iterator[bytes]:
        content = some_bytes(100_000, seed)
        yield content[:50_000]
        together.wait()
        yield content[50_000:]

    refs = {}

    def write(seed: int) -> None:
        refs[seed] = blobs.put(f"jobs/{seed}", slowly(seed))

    writers = [threading.Thread(target=write, args=(seed,)) for seed in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    for seed, ref in refs.items():
        assert ref.sha256 == hashlib.sha256(some_bytes(100_000, seed)).hexdigest()
        assert blobs.get(ref) == some_bytes(100_000, seed)

"""Large objects go up in parts that are nothing until the last call, and nothing if it fails."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from codybatch.domain.errors import BlobExists, StoreUnavailable
from codybatch.stores.aws.bucket import Bucket
from codybatch.stores.aws.objects import PREFIX, S3Blobs
from tests.aws_edge import Asked, Cut, Edge, Fault, Lost, Meanwhile, Refused, method
from tests.contracts.blobs_contract import in_pieces, some_bytes

ROOT = Path(__file__).parents[4]
KEY = "jobs/1/thread.jsonl"
MIB = 1 << 20
SIZE = 17 * MIB
Kind = Callable[[Asked], bool]
BEGIN, PART = method("POST", "uploads"), method("PUT", "partNumber", "uploadId")
COMPLETE, ABORT = method("POST", "uploadId"), method("DELETE", "uploadId")
CONFLICT = Refused(409, "ConditionalRequestConflict")
GONE = Refused(404, "NoSuchUpload")


@pytest.fixture(scope="module")
def content() -> bytes:
    return some_bytes(SIZE)


def unfinished(stored: Bucket) -> list[str]:
    listed = stored.client.list_multipart_uploads(Bucket=stored.name)
    return [upload["Key"] for upload in listed.get("Uploads", [])]


def test_a_large_object_goes_up_in_parts(edge: Edge, blobs: S3Blobs, content: bytes) -> None:
    ref = blobs.put(KEY, in_pieces(content, 100_000))

    assert blobs.get(ref) == content
    assert [edge.count(kind) for kind in (BEGIN, PART, COMPLETE, ABORT)] == [1, 3, 1, 0]
    assert max(int(asked.headers.get("content-length", 0)) for asked in edge.asked) <= 8 * MIB


def test_only_the_last_call_can_take_the_name(edge: Edge, blobs: S3Blobs, content: bytes) -> None:
    blobs.put(KEY, content)

    conditional = [asked for asked in edge.asked if asked.headers.get("if-none-match") == "*"]
    assert [asked for asked in edge.asked if COMPLETE(asked)] == conditional


@pytest.mark.parametrize("step", [BEGIN, PART, COMPLETE])
@pytest.mark.parametrize("fault", [Cut(), Lost(), Refused(503, "SlowDown")])
def test_each_call_of_an_upload_may_fail_on_the_way(
    edge: Edge, blobs: S3Blobs, content: bytes, step: Kind, fault: Fault
) -> None:
    edge.disturb(fault, when=step)

    ref = blobs.put(KEY, content)

    assert blobs.find(KEY) == ref
    assert blobs.get(ref, SIZE - 10) == content[-10:]


def test_a_completion_whose_answer_was_lost_is_known_though_the_upload_is_gone(
    edge: Edge, blobs: S3Blobs, content: bytes
) -> None:
    edge.disturb(Lost(), GONE, when=COMPLETE)

    ref = blobs.put(KEY, content)

    assert blobs.find(KEY) == ref
    assert edge.count(BEGIN) == 1


def test_after_a_conflict_all_parts_are_sent_again(
    edge: Edge, blobs: S3Blobs, stored: Bucket, content: bytes
) -> None:
    edge.disturb(CONFLICT, when=COMPLETE)

    ref = blobs.put(KEY, in_pieces(content, MIB))

    assert blobs.get(ref) == content
    assert [edge.count(kind) for kind in (BEGIN, PART, COMPLETE, ABORT)] == [2, 6, 2, 1]
    assert unfinished(stored) == []


def test_an_upload_that_somebody_ended_begins_again(
    edge: Edge, blobs: S3Blobs, content: bytes
) -> None:
    edge.disturb(GONE, when=PART)

    assert blobs.get(blobs.put(KEY, content)) == content
    assert edge.count(BEGIN) == 2


def test_who_comes_second_leaves_nothing_unfinished(
    edge: Edge, blobs: S3Blobs, stored: Bucket, content: bytes
) -> None:
    edge.disturb(Refused(404, "404"), when=method("HEAD"))  # it looks just before the other is done
    S3Blobs(stored).put(KEY, b"other")

    with pytest.raises(BlobExists):
        blobs.put(KEY, content)

    assert edge.count(ABORT) == 1
    assert unfinished(stored) == []


def test_a_large_object_that_is_there_is_not_sent_again(
    edge: Edge, blobs: S3Blobs, stored: Bucket, content: bytes
) -> None:
    ref = S3Blobs(stored).put(KEY, content)

    assert blobs.put(KEY, content) == ref
    with pytest.raises(BlobExists):
        blobs.put(KEY, content[:-1])

    assert edge.count(BEGIN) == 0


@pytest.mark.parametrize("step", [PART, COMPLETE])
def test_an_upload_that_cannot_go_on_is_given_up(
    edge: Edge, blobs: S3Blobs, stored: Bucket, content: bytes, step: Kind
) -> None:
    edge.disturb(Refused(503, "SlowDown"), when=step, times=100)

    with pytest.raises(StoreUnavailable, match="slow down"):
        blobs.put(KEY, content)

    assert unfinished(stored) == []
    assert blobs.find(KEY) is None


def test_where_even_giving_up_fails_the_cause_is_told(
    edge: Edge, blobs: S3Blobs, content: bytes
) -> None:
    edge.disturb(Cut(), when=PART, times=100)
    edge.disturb(Cut(), when=ABORT)

    with pytest.raises(StoreUnavailable, match="store part 1"):
        blobs.put(KEY, content)

    assert edge.count(ABORT) == 1


def test_a_writer_that_gives_up_never_asks(edge: Edge, blobs: S3Blobs) -> None:
    def breaks_off() -> Iterator[bytes]:
        yield some_bytes(10 * MIB)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        blobs.put(KEY, breaks_off())

    assert edge.asked == []


FILLS_THE_DISK = """
import resource, signal, sys
from codybatch.domain.errors import StoreFull
from codybatch.stores.aws.bucket import Bucket
from codybatch.stores.aws.objects import S3Blobs

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (10_000_000, 10_000_000))
blobs = S3Blobs(Bucket(sys.argv[1]))
try:
    blobs.put("large", (bytes(1_000_000) for _ in range(20)))
except StoreFull as full:
    print(full.message)
print(blobs.find("large"))
"""


def test_a_disk_without_room_for_temporary_files_is_told(stored: Bucket) -> None:
    finished = subprocess.run(
        [sys.executable, "-c", FILLS_THE_DISK, stored.name],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    said, found = finished.stdout.splitlines()
    assert "TMPDIR" in said, finished.stderr
    assert found == "None"


WRITER = """
import sys
from codybatch.stores.aws.bucket import Bucket
from codybatch.stores.aws.objects import S3Blobs

S3Blobs(Bucket(sys.argv[1])).put(sys.argv[2], (bytes([number]) * (1 << 20) for number in range(40)))
"""


@pytest.mark.parametrize("calls", [1, 2, 4])
def test_a_writer_that_is_killed_in_the_middle_leaves_no_object(
    edge: Edge, stored: Bucket, tmp_path: Path, calls: int
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, stored.name, KEY],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(temporary)},
    )

    edge.disturb(
        Meanwhile(lambda: os.kill(writer.pid, signal.SIGKILL)),
        when=lambda _: len(edge.asked) == calls + 1,  # the first one only looks
    )
    writer.wait(60)

    assert writer.returncode == -signal.SIGKILL
    assert S3Blobs(stored).find(KEY) is None
    listed = stored.client.list_objects_v2(Bucket=stored.name)
    assert listed["KeyCount"] == 0
    assert list(temporary.iterdir()) == []
    assert unfinished(stored) == ([PREFIX + KEY] if calls > 1 else [])

    again = S3Blobs(stored).put(KEY, b"the next attempt's")
    assert S3Blobs(stored).get(again) == b"the next attempt's"

"""Objects in files: what stands on the disk, and what happens when it is not there whole."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from codybatch.domain.errors import BlobDamaged, BlobMissing
from codybatch.ports import Blobs
from codybatch.stores.embedded.blob_file import PART_BYTES
from codybatch.stores.embedded.blobs import FileBlobs

ROOT = Path(__file__).parents[4]
KEY = "jobs/1/patch"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "blobs"


@pytest.fixture
def blobs(folder: Path) -> FileBlobs:
    return FileBlobs(folder)


def unfinished(folder: Path) -> list[Path]:
    return list((folder / "~unfinished").iterdir())


def file_of(folder: Path, key: str = KEY) -> Path:
    return folder / f"{key}~blob"


def test_the_disk_is_not_touched_before_the_first_object(folder: Path, blobs: FileBlobs) -> None:
    assert blobs.find(KEY) is None
    assert not folder.exists()


def test_a_file_begins_with_the_objects_bytes(folder: Path, blobs: FileBlobs) -> None:
    ref = blobs.put(KEY, b"diff --git a/x b/x\n")

    content = file_of(folder).read_bytes()
    assert content.startswith(b"diff --git a/x b/x\n")
    assert ref.sha256.encode() in content


def test_objects_are_their_owners_alone(folder: Path, blobs: FileBlobs) -> None:
    blobs.put(KEY, b"content")

    assert stat.S_IMODE(file_of(folder).stat().st_mode) == 0o600
    for path in (folder, folder / "jobs", folder / "jobs" / "1"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700


def test_no_unfinished_file_is_left_behind(folder: Path, blobs: FileBlobs) -> None:
    def breaks_off() -> Iterator[bytes]:
        yield b"first"
        raise KeyboardInterrupt

    blobs.put(KEY, b"content")
    blobs.put(KEY, iter([b"content"]))
    with pytest.raises(KeyboardInterrupt):
        blobs.put("jobs/2", breaks_off())

    assert unfinished(folder) == []
    assert sorted(path.name for path in (folder / "jobs").iterdir()) == ["1"]


def test_what_died_writers_left_is_removed_a_day_later(folder: Path, blobs: FileBlobs) -> None:
    blobs.put("first", b"content")
    yesterday = time.time() - 25 * 3600
    for name, moment in (("dead", yesterday), ("alive", time.time())):
        path = folder / "~unfinished" / name
        path.write_bytes(b"half an obj")
        os.utime(path, (moment, moment))

    FileBlobs(folder).put(KEY, b"content")

    assert [path.name for path in unfinished(folder)] == ["alive"]


def test_an_object_is_linked_never_renamed_over(folder: Path, blobs: FileBlobs) -> None:
    blobs.put(KEY, b"content")
    before = file_of(folder).stat()

    blobs.put(KEY, b"content")
    blobs.put(KEY, iter([b"con", b"tent"]))

    after = file_of(folder).stat()
    assert (after.st_ino, after.st_mtime_ns, after.st_nlink) == (
        before.st_ino,
        before.st_mtime_ns,
        1,
    )


def test_files_and_folders_are_synced_before_put_returns(
    folder: Path, blobs: FileBlobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    for module in ("blobs", "durability"):
        monkeypatch.setattr(
            f"codybatch.stores.embedded.{module}.flush",
            lambda descriptor: synced.append(os.fstat(descriptor).st_ino),
        )

    blobs.put(KEY, b"content")

    folders = [folder.parent, folder, folder / "jobs", folder / "jobs" / "1"]
    assert {path.stat().st_ino for path in folders} <= set(synced)
    file, last_folder = file_of(folder).stat().st_ino, folders[-1].stat().st_ino
    assert synced.index(file) < synced.index(last_folder) == len(synced) - 1


def test_the_loser_of_a_race_syncs_the_winners_name(
    folder: Path, blobs: FileBlobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    blobs.put(KEY, b"content")
    synced: list[Path] = []
    monkeypatch.setattr("codybatch.stores.embedded.blobs.flush_folder", synced.append)

    FileBlobs(folder).put(KEY, b"content")

    assert synced == [folder / "jobs" / "1"]


@pytest.mark.parametrize("size", [100, 2 * PART_BYTES])
@pytest.mark.parametrize("keep", [0.0, 0.5, 0.99])
def test_a_file_cut_short_is_damaged(
    folder: Path, blobs: FileBlobs, size: int, keep: float
) -> None:
    ref = blobs.put(KEY, os.urandom(size))
    path = file_of(folder)
    os.truncate(path, int(path.stat().st_size * keep))

    with pytest.raises(BlobDamaged):
        blobs.find(KEY)
    with pytest.raises(BlobDamaged):
        blobs.get(ref)
    with pytest.raises(BlobDamaged):
        blobs.stream(ref)


@pytest.mark.parametrize("size", [0, 100, 2 * PART_BYTES])
def test_a_damaged_footer_is_noticed_whatever_byte_it_is(
    folder: Path, blobs: FileBlobs, size: int
) -> None:
    ref = blobs.put(KEY, bytes(size))
    path = file_of(folder)

    with path.open("r+b", buffering=0) as file:
        for offset in range(size, path.stat().st_size):
            byte = os.pread(file.fileno(), 1, offset)
            os.pwrite(file.fileno(), bytes([byte[0] ^ 0x10]), offset)
            with pytest.raises(BlobDamaged):
                blobs.get(ref)
            os.pwrite(file.fileno(), byte, offset)

    assert blobs.get(ref) == bytes(size)


def test_appended_bytes_are_noticed(folder: Path, blobs: FileBlobs) -> None:
    ref = blobs.put(KEY, b"content")
    path = file_of(folder)
    path.write_bytes(b"x" + path.read_bytes())

    with pytest.raises(BlobDamaged):
        blobs.get(ref)


def test_files_have_no_links(blobs: FileBlobs) -> None:
    ref = blobs.put(KEY, b"content")

    port: Blobs = blobs

    assert port.link(ref, "x.patch") is None


def test_a_missing_object_is_told_before_the_first_piece(blobs: FileBlobs) -> None:
    ref = blobs.put(KEY, b"content").with_(key="jobs/2")

    with pytest.raises(BlobMissing, match="jobs/2"):
        blobs.stream(ref)


FILLS_THE_DISK = """
import resource, signal, sys
from pathlib import Path
from codybatch.domain.errors import StoreFull
from codybatch.stores.embedded.blobs import FileBlobs

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
blobs = FileBlobs(Path(sys.argv[1]))
blobs.put("small", b"content")
for content in (bytes(2_000_000), iter([bytes(600_000), bytes(600_000)])):
    try:
        blobs.put("large", content)
    except StoreFull as full:
        print(type(full).__name__, blobs.find("large"))
print(blobs.get(blobs.find("small")).decode())
"""


def test_a_disk_without_room_leaves_nothing_half_written(folder: Path) -> None:
    finished = subprocess.run(
        [sys.executable, "-c", FILLS_THE_DISK, str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert finished.stdout.splitlines() == ["StoreFull None", "StoreFull None", "content"], (
        finished.stderr
    )
    assert unfinished(folder) == []

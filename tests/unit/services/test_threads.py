from __future__ import annotations

from pathlib import Path

import pytest

from codybatch.services.threads import lines_of, read_lines
from tests.kept_work import Kept, calls, gave, says


def a_turn(number: int) -> tuple[tuple[dict[str, object], ...], tuple[dict[str, object], ...]]:
    return (calls("read_file", number),), (gave(f"text {number}", number),)


@pytest.mark.parametrize(
    ("start", "stop"), [(0, 99), (0, 41), (16, 32), (15, 17), (40, 41), (7, 7)]
)
def test_an_assembled_thread_is_read_in_parts_as_its_steps_say(
    tmp_path: Path, start: int, stop: int
) -> None:
    kept = Kept.at(tmp_path)
    job = kept.change(kept.request(), [a_turn(number) for number in range(1, 21)])
    assert job.thread is not None

    whole = list(lines_of(kept.store.records.steps(job.id), kept.store.blobs))

    assert job.thread.count == len(whole) == 41
    assert list(read_lines(job.thread, kept.store.blobs, start, stop)) == whole[start:stop]
    kept.store.close()


def test_half_a_surrogate_pair_is_kept_as_its_escape(tmp_path: Path) -> None:
    kept = Kept.at(tmp_path)
    job = kept.change(kept.request(), [((says("half \ud83d"),), ())])
    assert job.thread is not None

    *_, reply = read_lines(job.thread, kept.store.blobs, 0, 9)

    assert reply.message is not None
    assert reply.message["content"] == [says("half \\ud83d")]
    kept.store.close()

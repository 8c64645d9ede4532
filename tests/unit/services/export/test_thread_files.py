"""One thread as a file, for whoever takes it alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from codybatch.services.export.folder import ExportFolder
from codybatch.services.export.thread_files import (
    SUFFIXES,
    ThreadFormat,
    cleaned_job,
    cleaned_lines,
    write_thread,
    written_thread,
)
from codybatch.services.threads import read_lines
from codybatch.stores.embedded import EmbeddedStore
from tests.conversation_kit import Talk, everyday, text


@pytest.mark.parametrize("form", [ThreadFormat.JSONL, ThreadFormat.MARKDOWN])
def test_a_thread_that_is_taken_alone_is_the_file_of_the_export(
    store: EmbeddedStore, tmp_path: Path, form: ThreadFormat
) -> None:
    job = everyday(Talk(store)).settle(title="Use aware datetimes")
    assert job.thread is not None
    lines = list(read_lines(job.thread, store.blobs, 0, job.thread.count))

    with ExportFolder(tmp_path / "out") as folder:
        write_thread(folder, "threads/one", job, lines, [form], "")
        folder.publish()

    exported = tmp_path / "out" / "threads" / f"one.{SUFFIXES[form]}"
    assert written_thread(job, lines, form) == exported.read_bytes()


def test_secrets_are_out_of_the_file(store: EmbeddedStore) -> None:
    talk = Talk(store).begin().turn([text("It is hunter2.")])
    job = talk.settle(title="hunter2", summary="Not hunter2.")
    assert job.thread is not None

    def clean(said: str) -> str:
        return said.replace("hunter2", "[secret]")

    for form in ThreadFormat:
        lines = cleaned_lines(read_lines(job.thread, store.blobs, 0, 9), clean)
        written = written_thread(cleaned_job(job, clean), lines, form)
        assert b"hunter2" not in written
        assert b"[secret]" in written

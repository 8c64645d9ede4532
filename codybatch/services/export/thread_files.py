"""A thread in the formats of an export, written line by line while it is read once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from enum import StrEnum
from io import BytesIO
from typing import Protocol

from codybatch.domain.jobs import Job
from codybatch.domain.threads import ThreadLine
from codybatch.services.export.folder import DigestingFile, ExportFolder
from codybatch.services.export.markdown import MarkdownThread
from codybatch.services.export.trajectory import Trajectory
from codybatch.services.findings import Clean, cleaned_json


class ThreadFormat(StrEnum):
    """How a thread is written."""

    JSONL = "jsonl"
    """The record itself: a JSON object a line, as ``codybatch jobs thread --json`` gives it."""
    MARKDOWN = "md"
    TRAJECTORY = "traj"
    """mini-swe-agent's, for tools around SWE-bench."""


class ThreadWriter(Protocol):
    """Writes one thread to one file."""

    def begin(self) -> None:
        """Write what stands before all lines."""
        ...

    def take(self, line: ThreadLine) -> None:
        """Write one line; secrets are out of it."""
        ...

    def end(self) -> None:
        """Write what stands after them."""
        ...


class JsonLines:
    """The canonical form."""

    def __init__(self, file: DigestingFile) -> None:
        """Write to ``file``."""
        self._file = file

    def begin(self) -> None:
        """Nothing stands before the first line."""

    def take(self, line: ThreadLine) -> None:
        """Write one line."""
        self._file.write(line.to_json().encode() + b"\n")

    def end(self) -> None:
        """Nothing stands after the last line."""


SUFFIXES = {
    ThreadFormat.JSONL: "jsonl",
    ThreadFormat.MARKDOWN: "md",
    ThreadFormat.TRAJECTORY: "traj.json",
}


def write_thread(
    folder: ExportFolder,
    stem: str,
    job: Job,
    lines: Iterable[ThreadLine],
    formats: Sequence[ThreadFormat],
    submission: str,
) -> None:
    """Write a job's thread.

    Args:
        folder: of the export.
        stem: the files' path there, without what follows the first dot.
        job: whose thread it is; secrets are out of its texts.
        lines: the thread, secrets out of it; read once.
        formats: which files to write.
        submission: the patch as a trajectory holds it; empty where there is none to show.
    """
    with ExitStack() as stack:
        files = [stack.enter_context(folder.file(f"{stem}.{SUFFIXES[one]}")) for one in formats]
        named = zip(formats, files, strict=True)
        _write([_writer(one, file, job, submission) for one, file in named], lines)


def written_thread(job: Job, lines: Iterable[ThreadLine], form: ThreadFormat) -> bytes:
    """A job's thread as one file of an export holds it, for whoever takes it alone.

    Args:
        job: whose thread it is; secrets are out of its texts.
        lines: the thread, secrets out of it; read once.
        form: of the file.
    """
    content = BytesIO()
    file = DigestingFile(f"{job.id}.{SUFFIXES[form]}", content)
    _write([_writer(form, file, job, "")], lines)
    return content.getvalue()


def cleaned_job(job: Job, clean: Clean) -> Job:
    """A job whose texts that a thread's file shows hold no secret."""
    return job.with_(title=clean(job.title), summary=clean(job.summary))


def cleaned_lines(lines: Iterable[ThreadLine], clean: Clean) -> Iterator[ThreadLine]:
    """The lines of a thread without secrets."""
    for line in lines:
        yield line.with_(message=cleaned_json(line.message, clean))


def _write(writers: Sequence[ThreadWriter], lines: Iterable[ThreadLine]) -> None:
    for writer in writers:
        writer.begin()
    for line in lines:
        for writer in writers:
            writer.take(line)
    for writer in writers:
        writer.end()


def _writer(form: ThreadFormat, file: DigestingFile, job: Job, submission: str) -> ThreadWriter:
    if form is ThreadFormat.MARKDOWN:
        return MarkdownThread(file, job)
    if form is ThreadFormat.TRAJECTORY:
        return Trajectory(file, job, submission)
    return JsonLines(file)

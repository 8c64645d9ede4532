"""What an export holds: each file with its digest, and what was left out and why."""

from __future__ import annotations

from codybatch.domain.identifiers import RequestId
from codybatch.domain.records import Moment, Record

FORMAT = "codybatch-export/1"
NAME = "manifest.json"


class ExportedFile(Record):
    """One file of an export."""

    path: str
    """Below the export's root, with forward slashes."""
    size: int
    """Bytes."""
    sha256: str
    holds_secret: bool = False
    """Whether it is a patch that adds or removes what looks like a secret."""


class LeftOut(Record):
    """One file that would have been in the export."""

    path: str
    why: str


class Manifest(Record):
    """The whole export; itself the one file that it does not list."""

    format: str = FORMAT
    release: str
    """Of Cody Batch."""
    created_at: Moment
    requests: tuple[RequestId, ...]
    jobs: int
    included: tuple[str, ...]
    thread_formats: tuple[str, ...]
    files: tuple[ExportedFile, ...] = ()
    left_out: tuple[LeftOut, ...] = ()

"""What is right for each repository of the experiment: whether anything is to be done, and what."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import diff_bytes, unified_diff

from codybatch.standins.demonstration.looking import is_others_code
from codybatch.standins.demonstration.tasks.utc_datetimes import UtcDatetimes
from codybatch.standins.repositories import CATALOGUE, files_of

REPOSITORIES = (
    "demo-org/weather-client",
    "demo-org/invoice-ledger",
    "demo-org/job-queue",
    "demo-org/booking-service",
    "demo-org/log-shipper",
    "demo-org/chat-bot",
    "demo-org/etl-pipeline",
    "upstream/tinytemplate",
    "upstream/holiday-calendar",
    "demo-org/csv-importer",
    "demo-org/session-store",
    "demo-org/feature-flags",
)
"""Nine in which there is something to be done, and three in which there only seems to be."""
_NEWLINE = b"\n"
_NO_NEWLINE = b"\\ No newline at end of file\n"


def is_necessary(repository: str) -> bool:
    """Whether a change is necessary there, as whoever wrote the repositories says.

    Raises:
        KeyError: there is no such repository.
    """
    known = {sample.full_name: sample.uses_naive_times for sample in CATALOGUE}
    return known[repository]


def reference_patch(repository: str) -> bytes:
    """The patch that a careful hand would write; empty where nothing is to be done.

    Raises:
        KeyError: there is no such repository.
    """
    return b"".join(_changed_files(repository))


def _changed_files(repository: str) -> Iterator[bytes]:
    for path, file in sorted(files_of(repository).items()):
        if not path.endswith(".py") or is_others_code(path):
            continue
        after = _rewritten(path, file.content)
        if after != file.content:
            yield _diff(path.encode(), file.content, after)


def _rewritten(path: str, content: bytes) -> bytes:
    text = content.decode()
    is_crlf = "\r\n" in text
    plain = text.replace("\r\n", "\n") if is_crlf else text
    after = UtcDatetimes().rewrite(path, plain).text
    return (after.replace("\n", "\r\n") if is_crlf else after).encode()


def _diff(path: bytes, before: bytes, after: bytes) -> bytes:
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    shown = diff_bytes(unified_diff, old, new, b"a/" + path, b"b/" + path)
    ended = [line if line.endswith(_NEWLINE) else line + _NEWLINE + _NO_NEWLINE for line in shown]
    return b"diff --git a/%b b/%b\n" % (path, path) + b"".join(ended)

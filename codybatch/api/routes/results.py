"""Results: patches, conversations, findings and answers of jobs, to look at and to take away."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Sequence
from typing import Annotated, Any

from fastapi import Query
from pydantic import Field
from starlette.responses import RedirectResponse, Response

from codybatch.api.asked import Asked, Cursor
from codybatch.api.call import Call, PageOf, Reading
from codybatch.api.routes.jobs import JobPath
from codybatch.api.routes.requests import RequestPath
from codybatch.api.routing import Responses, problems, router
from codybatch.domain.errors import InvalidCursor
from codybatch.domain.findings import Severity
from codybatch.domain.identifiers import job_id, request_id
from codybatch.domain.jobs import Job
from codybatch.services.conversations import read_turns
from codybatch.services.export.thread_files import (
    SUFFIXES,
    ThreadFormat,
    cleaned_job,
    cleaned_lines,
    written_thread,
)
from codybatch.services.finding_files import MEDIA_TYPES, FileFormat, findings_file
from codybatch.services.findings import answer_of, check_audits, findings_of
from codybatch.services.wire.threads import TurnShown

routes = router("results")

MOST_TURNS = 100
MOST_BYTES = 2_000_000
"""Of what the turns of one page say: an answer fits into what a gateway lets through."""
_PLACE = re.compile(r"[1-9][0-9]{0,5}")
_TEXT, _OBJECT = {"schema": {"type": "string"}}, {"schema": {"type": "object"}}
THREAD_TYPES = {
    ThreadFormat.JSONL: "application/jsonl",
    ThreadFormat.MARKDOWN: "text/markdown",
    ThreadFormat.TRAJECTORY: "application/json",
}


def _content(media_types: Iterable[str]) -> dict[str, Any]:
    """What the document says of files of these types."""
    return {one: _OBJECT if one.endswith("json") else _TEXT for one in media_types}


_PATCH_HEADERS = {
    "Codybatch-Holds-Secret": {
        "description": "`true` where the patch removes a secret, and so holds it.",
        "schema": {"type": "string"},
    },
    "Repr-Digest": {"description": "SHA-256 (RFC 9530).", "schema": {"type": "string"}},
}
PATCH: Responses = {
    200: {
        "description": "The patch, byte for byte.",
        "content": {"text/x-diff": _TEXT},
        "headers": _PATCH_HEADERS,
    },
    307: {"description": "It is downloaded from elsewhere: `Location` says where, for minutes."},
    **problems(404),
}


class TurnList(Asked):
    """Which turns."""

    limit: Annotated[int, Field(ge=1, le=MOST_TURNS)] = 20
    """How many at most."""
    cursor: Cursor = None


class ThreadFile(Asked):
    """Which form of file."""

    format: ThreadFormat = ThreadFormat.JSONL


class FindingFile(Asked):
    """Which findings, and which form of file."""

    format: FileFormat = FileFormat.JSON
    severity: Severity = Severity.INFO
    """This bad or worse."""


@routes.get("/jobs/{job}/patch", response_class=Response, responses=PATCH)
def patch(call: Reading, job: JobPath) -> Response:
    """Give out a job's patch, byte for byte, for `git apply`.

    Nothing is taken out of it: one that removes a secret holds it, and says so.
    """
    jobs = call.app.jobs
    found = jobs.find(job_id(job))
    link = jobs.patch_link(found.id)
    if link is not None:
        return RedirectResponse(link, 307)
    return Response(jobs.patch(found.id), media_type="text/x-diff", headers=_patch_headers(found))


def _patch_headers(job: Job) -> dict[str, str]:
    assert job.patch is not None  # noqa: S101 - its bytes were found
    digest = base64.b64encode(bytes.fromhex(job.patch.blob.sha256)).decode()
    return {
        "content-disposition": f'attachment; filename="{job.id}.patch"',
        "codybatch-holds-secret": str(job.patch.redacts_secret).lower(),
        "repr-digest": f"sha-256=:{digest}:",
    }


@routes.get("/jobs/{job}/thread", response_model=PageOf[TurnShown], responses=problems(404))
def thread(call: Reading, job: JobPath, wanted: Annotated[TurnList, Query()]) -> Response:
    """Show a job's conversation turn by turn, also while it goes on.

    Only the turns of the page are read. A page may hold fewer than were asked for where they say
    much.
    """
    conversation = call.app.jobs.conversation(job_id(job))
    begin = _place(wanted.cursor, len(conversation.turns))
    read = read_turns(conversation, begin, wanted.limit, call.app.net.clean, MOST_BYTES)
    shown = [TurnShown.of(turn, lines) for turn, lines in read.turns]
    return call.page(shown, None if read.next is None else str(read.next))


def _place(cursor: str | None, turns: int) -> int:
    """The place of a page's first turn: a thread only grows, so that it stays right."""
    if cursor is None:
        return 0
    if not _PLACE.fullmatch(cursor) or int(cursor) > turns:
        raise InvalidCursor
    return int(cursor)


@routes.get(
    "/jobs/{job}/thread/file",
    response_class=Response,
    responses={
        200: {"content": _content(THREAD_TYPES.values())},
        **problems(404),
    },
)
def thread_file(call: Reading, job: JobPath, wanted: Annotated[ThreadFile, Query()]) -> Response:
    """Give out a job's whole conversation as a file: JSON Lines, Markdown, or a trajectory."""
    app, form = call.app, wanted.format
    found = app.jobs.find(job_id(job))
    clean = app.net.clean
    lines = cleaned_lines(app.jobs.thread(found.id), clean)
    content = written_thread(cleaned_job(found, clean), lines, form)
    return _file(content, THREAD_TYPES[form], f"{found.id}.{SUFFIXES[form]}")


_FINDINGS: Responses = {
    200: {"content": _content(MEDIA_TYPES.values())},
    **problems(404),
}


@routes.get("/jobs/{job}/findings", response_class=Response, responses=_FINDINGS)
def findings(call: Reading, job: JobPath, wanted: Annotated[FindingFile, Query()]) -> Response:
    """Show what an audit found, the worst first, as JSON, SARIF 2.1.0 or CSV."""
    return _findings(call, [call.app.jobs.find(job_id(job))], wanted)


@routes.get("/requests/{request}/findings", response_class=Response, responses=_FINDINGS)
def findings_of_request(
    call: Reading, request: RequestPath, wanted: Annotated[FindingFile, Query()]
) -> Response:
    """Show what all audits of a request found, as JSON, SARIF 2.1.0 or CSV."""
    requests = call.app.requests
    found = requests.find(request_id(request))
    return _findings(call, requests.jobs_of(found.id), wanted)


def _findings(call: Call, jobs: Sequence[Job], wanted: FindingFile) -> Response:
    check_audits(jobs)
    found = findings_of(jobs, call.app.net.clean, wanted.severity)
    text = findings_file(wanted.format, jobs, found, call.app.settings.github_server_url)
    name = f"{jobs[0].request}-findings.{wanted.format}"
    content = text.encode("utf-8", "backslashreplace")
    return _file(content, MEDIA_TYPES[wanted.format], name)


@routes.get("/jobs/{job}/answer", response_model=dict[str, Any], responses=problems(404))
def answer(call: Reading, job: JobPath) -> Response:
    """Show what a question was answered with: JSON that fits the prompt's schema."""
    app = call.app
    found = app.jobs.find(job_id(job))
    return call.written(answer_of(found, app.net.clean, app.clock.now()))


def _file(content: bytes, media_type: str, name: str) -> Response:
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)

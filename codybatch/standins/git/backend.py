"""One exchange with `git http-backend`, as a web server speaks to it (CGI, RFC 3875)."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import IO

from codybatch.standins.git.bare import git_environment
from codybatch.standins.loopback import BLOCK, Answer, Request


def run_backend(repository: Path, rest: str, request: Request, user: str) -> Answer:
    """Let real git answer one request for one repository.

    Arguments:
        repository: the bare repository's folder.
        rest: the path behind the repository, `/info/refs` for instance.
        request: its body is handed to git as it came, compressed or not.
        user: who is pushing, as hooks and reflogs would see it; empty for nobody.

    The answer's blocks are read from git while they are sent, so `Answer.complete` waits until
    git has done its work.
    """
    process = subprocess.Popen(
        ["git", "http-backend"],
        env={**git_environment(), **_cgi_variables(repository, rest, request, user)},
        stdin=_as_file(request),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdout is not None  # noqa: S101 - a pipe was asked for
    status, headers = _read_head(process.stdout)
    return Answer(status, headers, _blocks(process, process.stdout))


def _cgi_variables(repository: Path, rest: str, request: Request, user: str) -> dict[str, str]:
    variables = {
        "GIT_PROJECT_ROOT": str(repository.parent),
        "GIT_HTTP_EXPORT_ALL": "1",
        "PATH_INFO": f"/{repository.name}{rest}",
        "REQUEST_METHOD": request.method,
        "QUERY_STRING": request.query_string,
        "CONTENT_TYPE": request.headers.get("content-type", ""),
        "CONTENT_LENGTH": str(_length(request.body)),
        "HTTP_CONTENT_ENCODING": request.headers.get("content-encoding", ""),
        "GIT_PROTOCOL": request.headers.get("git-protocol", ""),
        "REMOTE_ADDR": "127.0.0.1",
        "REMOTE_USER": user,
    }
    return {name: value for name, value in variables.items() if value}


def _length(body: IO[bytes]) -> int:
    length = body.seek(0, 2)
    body.seek(0)
    return length


def _as_file(request: Request) -> int:
    """Return a descriptor on the body: git reads a file, so neither side can block the other."""
    descriptor = request.body.fileno()
    request.body.flush()
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


def _read_head(output: IO[bytes]) -> tuple[int, dict[str, str]]:
    lines = []
    while (line := output.readline()).strip():
        lines.append(line)
    headers = dict(BytesHeaderParser().parsebytes(b"".join(lines)).items())
    status = headers.pop("Status", "200 OK" if headers else "500 Internal Server Error")
    return int(status.split()[0]), headers


def _blocks(process: subprocess.Popen[bytes], output: IO[bytes]) -> Iterator[bytes]:
    try:
        while block := output.read1(BLOCK):  # type: ignore[attr-defined]
            yield block
    finally:
        # Also reached when the client went away: git ends at its next write, but a push that
        # has begun is finished, as on a real server.
        output.close()
        process.wait()

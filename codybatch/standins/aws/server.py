"""The DynamoDB and S3 stand-in as a process: started on a free port of 127.0.0.1, ended by id."""

from __future__ import annotations

import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import IO, Self

SECONDS_TO_START = 30.0
SECONDS_TO_END = 10.0
_POLL_SECONDS = 0.05
# The server must know them too: it checks the signatures of links.
# The secret is no word of a language: secrets are taken out of what is shown, wherever they stand.
_CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "standin",
    "AWS_SECRET_ACCESS_KEY": "nobodys-secret-access-key-for-a-standin",
}
# Never through a proxy: the address is on this machine.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class AwsStandinFailed(RuntimeError):
    """The server ended before it answered, or did not answer in time."""


class AwsStandin:
    """A running server; leaving its context ends it, and all that it holds is gone.

    Arguments:
        program: what `environment.ensure` gave back.
        port: 0 for a free one.
    """

    def __init__(self, program: Path, port: int = 0) -> None:
        self._program = program
        self.port = port or _free_port()
        self._home = tempfile.TemporaryDirectory(prefix="codybatch-aws-")
        self._process: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] | None = None

    @property
    def endpoint(self) -> str:
        """Where DynamoDB, S3 and STS (who one is) answer."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """The variables by which an AWS client finds this server and nothing else."""
        return {
            "AWS_ENDPOINT_URL_DYNAMODB": self.endpoint,
            "AWS_ENDPOINT_URL_S3": self.endpoint,
            "AWS_ENDPOINT_URL_STS": self.endpoint,
            **_CREDENTIALS,
            "AWS_REGION": "eu-central-1",
            "AWS_DEFAULT_REGION": "eu-central-1",
        }

    def start(self) -> Self:
        """Start it and wait until it answers.

        Raises:
            AwsStandinFailed: it did not; the message holds the end of what it said.
        """
        log = Path(self._home.name) / "log"
        self._log = log.open("wb")
        self._process = subprocess.Popen(
            [str(self._program)],
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            cwd=self._home.name,
            env={
                "BIND_HOST": "127.0.0.1",
                "GATEWAY_PORT": str(self.port),
                "HOME": self._home.name,
                "TMPDIR": self._home.name,
                "PATH": f"{self._program.parent}:/usr/bin:/bin",
                "LOG_LEVEL": "WARNING",
                **_CREDENTIALS,
            },
            start_new_session=True,
        )
        deadline = time.monotonic() + SECONDS_TO_START
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                said = log.read_text(errors="replace")[-2000:]
                self.close()
                raise AwsStandinFailed(f"DynamoDB and S3 did not start on loopback. {said}")
            time.sleep(_POLL_SECONDS)
        return self

    def close(self) -> None:
        """End it; what it holds is gone."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(SECONDS_TO_END)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None
        if self._log is not None:
            self._log.close()
        self._home.cleanup()

    def _answers(self) -> bool:
        try:
            with _OPENER.open(f"{self.endpoint}/_ministack/health", timeout=1):
                return True
        except (urllib.error.URLError, OSError):
            return False

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])

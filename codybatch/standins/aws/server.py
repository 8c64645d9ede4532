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

import psutil

_KEEPER = Path(__file__).with_name("ends_with_its_owner.py")
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
    """A running server; leaving its context ends it, and all that it holds is gone. It also ends
    when the process that started it does, however that ends.

    Arguments:
        program: what `environment.ensure` gave back.
        port: 0 for a free one.
        seconds_to_start: how long it may take until it answers.
    """

    def __init__(
        self, program: Path, port: int = 0, seconds_to_start: float = SECONDS_TO_START
    ) -> None:
        self._program = program
        self._seconds_to_start = seconds_to_start
        self.port = port or _free_port()
        self._home: tempfile.TemporaryDirectory[str] | None = None
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
        if not self._program.is_file():
            raise AwsStandinFailed(f"There is no {self._program}: `make setup` installs it.")
        self._home = tempfile.TemporaryDirectory(prefix="codybatch-aws-")
        log = Path(self._home.name) / "log"
        self._log = log.open("wb")
        self._process = self._launched(self._home.name, self._log)
        deadline = time.monotonic() + self._seconds_to_start
        while not (self._listens(self._process.pid) and self._answers()):
            if self._process.poll() is not None or time.monotonic() > deadline:
                said = log.read_text(errors="replace")[-2000:]
                self.close()
                raise AwsStandinFailed(f"DynamoDB and S3 did not start on loopback. {said}")
            time.sleep(_POLL_SECONDS)
        return self

    def _launched(self, home: str, log: IO[bytes]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [str(self._program.with_name("python")), "-I", str(_KEEPER), str(self._program)],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=home,
            env={
                "BIND_HOST": "127.0.0.1",
                "GATEWAY_PORT": str(self.port),
                "HOME": home,
                "TMPDIR": home,
                "PATH": f"{self._program.parent}:/usr/bin:/bin",
                "LOG_LEVEL": "WARNING",
                **_CREDENTIALS,
            },
            start_new_session=True,
        )

    def close(self) -> None:
        """End it; what it holds is gone."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(SECONDS_TO_END)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            if self._process.stdin is not None:
                self._process.stdin.close()
            self._process = None
        if self._log is not None:
            self._log.close()
        if self._home is not None:
            self._home.cleanup()
            self._home = None

    def _listens(self, pid: int) -> bool:
        """Whether our own process has the port: another one may have taken it meanwhile."""
        try:
            listening = psutil.Process(pid).net_connections(kind="tcp")
        except psutil.Error:
            return False
        return any(
            one.status == psutil.CONN_LISTEN and one.laddr.port == self.port for one in listening
        )

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

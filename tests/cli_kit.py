"""Calls of the command line, in the test's own process or in one of their own."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from typer.testing import CliRunner

from codybatch.cli.main import app
from codybatch.settings import inherited_environment
from tests.prestarted.kit import forked_workers, interpreter

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@dataclass(frozen=True)
class Call:
    """What a command said, and the status it left with."""

    status: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        """Standard output as text."""
        return self.out.decode()

    @property
    def json(self) -> Any:
        """Standard output as the one JSON document it must be."""
        return json.loads(self.out)

    @property
    def sentence(self) -> str:
        """The one line of standard error that says what was wrong."""
        (line,) = [line for line in self.err.splitlines() if line.startswith("codybatch: ")]
        return line.removeprefix("codybatch: ")


def run(
    *arguments: str, environment: Mapping[str, str], stdin: bytes = b"", seconds: float = 100
) -> Call:
    """Run one command as a process of its own, a fresh interpreter: for those that start others."""
    done = subprocess.run(
        [*interpreter(), *arguments],
        env={**inherited_environment(), **environment},
        input=stdin,
        capture_output=True,
        timeout=seconds,
        check=False,
    )
    return Call(done.returncode, done.stdout, done.stderr.decode())


def call(*arguments: str, environment: Mapping[str, str | None] = {}, stdin: bytes = b"") -> Call:
    """Run one command; variables that are None are unset for it."""
    with forked_workers():
        done = CliRunner().invoke(app, list(arguments), env=dict(environment), input=stdin)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return Call(done.exit_code, done.stdout_bytes, done.stderr)

"""The credential of one git call: two files that git's askpass program reads, gone after the call.

Sampling /proc during clones showed the token in none of the command line, the environment and the
configuration this way; a header by ``-c`` or by the environment, or a URL, shows it in one of them.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from codybatch.domain.errors import CodeHostCredentialRefused
from codybatch.ports.code_host import GitAccess

_FOLDER_PREFIX = "credential-"
_PROGRAM_NAME = "askpass"
# git asks "Username for 'https://…':" and "Password for 'https://…':" (gitcredentials(7)).
_PROGRAM = """#!/bin/sh
case "$1" in
Username*) exec cat "$CODYBATCH_CREDENTIAL/username" ;;
*) exec cat "$CODYBATCH_CREDENTIAL/password" ;;
esac
"""


def install_askpass(folder: Path) -> None:
    """Write the program that git asks; it holds no secret and may stay.

    It is written long before it is started, because starting a program that some other thread's
    new process still holds open for writing fails.
    """
    descriptor = os.open(folder / _PROGRAM_NAME, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o700)
    with os.fdopen(descriptor, "w", encoding="ascii") as program:
        program.write(_PROGRAM)


@contextmanager
def credential(access: GitAccess, folder: Path) -> Iterator[dict[str, str]]:
    """Hold the credential in files of mode 0600 while the block runs.

    Arguments:
        access: whose token git may ask for; without a token nothing is written.
        folder: where `install_askpass` wrote the program.

    Yields the variables that lead git to it. What a killed process left behind goes first.

    Raises:
        CodeHostCredentialRefused: the credential holds a line break or a NUL.
    """
    remove_left_credentials(folder)
    if not access.token:
        yield {}
        return
    held = Path(tempfile.mkdtemp(prefix=_FOLDER_PREFIX, dir=folder))
    try:
        _write(held / "username", access.username, access.setting)
        _write(held / "password", access.token, access.setting)
        yield {"GIT_ASKPASS": str(folder / _PROGRAM_NAME), "CODYBATCH_CREDENTIAL": str(held)}
    finally:
        shutil.rmtree(held)


def remove_left_credentials(folder: Path) -> None:
    """Remove what a process that was killed during a call left behind."""
    with suppress(FileNotFoundError):
        for left in folder.glob(f"{_FOLDER_PREFIX}*"):
            shutil.rmtree(left, ignore_errors=True)


def _write(path: Path, value: str, setting: str) -> None:
    if any(character in value for character in "\n\r\0"):
        raise CodeHostCredentialRefused(
            f"The credential holds a line break, which no token does. Check {setting}."
        )
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(value)

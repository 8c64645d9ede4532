"""The environment of the DynamoDB and S3 stand-in, made once: it pins another botocore than ours.

``python -m codybatch.standins.aws FOLDER`` makes it; `make setup` calls that.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path

from filelock import FileLock

REQUIREMENTS = Path(__file__).with_name("requirements.txt")
_STAMP = "made-of"
_QUIET = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_ROOT_USER_ACTION": "ignore"}
_UNREACHABLE = re.compile(
    r"connection (broken|refused|reset|timed out|to .* timed out)|ConnectTimeout|ProxyError"
    r"|NewConnectionError|name resolution|getaddrinfo|no route to host|network is unreachable"
    r"|from versions: none",
    re.IGNORECASE,
)
_LAST_LINES = 5


class EnvironmentNotMade(RuntimeError):
    """The stand-in's environment could not be made; the message says what to do."""


def program(folder: Path) -> Path:
    """Where the server's program lies in an environment."""
    return folder / "bin" / "ministack"


def is_made(folder: Path, requirements: Path = REQUIREMENTS) -> bool:
    """Whether the environment holds what ``requirements`` names."""
    stamp = folder / _STAMP
    made_of = stamp.read_text() if stamp.is_file() else None
    return program(folder).is_file() and made_of == _digest(requirements)


def ensure(folder: Path, requirements: Path = REQUIREMENTS) -> Path:
    """Make the environment where it is missing or of other requirements; this needs the network.

    One process makes it; others that want it at the same time wait until it has.

    Args:
        folder: where it is to be; empty, missing, or made by this function before.
        requirements: with a hash for each package.

    Returns the server's program.

    Raises:
        EnvironmentNotMade: the packages could not be fetched, this Python makes no environments,
            or the folder cannot be written or holds something else.
    """
    if is_made(folder, requirements):
        return program(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.with_name(f"{folder.name}.lock")):
            if not is_made(folder, requirements):
                _make(folder, requirements)
    except OSError as error:
        raise EnvironmentNotMade(
            f"The environment of the stand-in for DynamoDB and S3 cannot be made in {folder}: "
            f"{error.strerror or error}. Choose a folder that you may write to."
        ) from error
    return program(folder)


def _make(folder: Path, requirements: Path) -> None:
    _clear(folder)
    has_pip, has_ensurepip = (
        importlib.util.find_spec(name) is not None for name in ("pip", "ensurepip")
    )
    if not has_pip and not has_ensurepip:
        raise EnvironmentNotMade(
            f"{sys.executable} has neither pip nor ensurepip, so it cannot make the environment of "
            "the stand-in for DynamoDB and S3. On Debian and Ubuntu install python3-venv; "
            "elsewhere add pip to this environment (`uv pip install pip`). Then try again."
        )
    _create(folder, with_pip=not has_pip)
    _install(folder, requirements, with_our_pip=has_pip)
    (folder / _STAMP).write_text(_digest(requirements))


def _clear(folder: Path) -> None:
    """Leave the folder empty but for the stamp, by which it is known for ours from now on."""
    stamp, old = folder / _STAMP, folder.with_name(f"{folder.name}.old")
    if folder.exists() and not stamp.exists() and any(folder.iterdir()):
        raise EnvironmentNotMade(
            f"{folder} holds something that is no environment of ours. Choose another folder for "
            "the stand-in for DynamoDB and S3, or empty this one."
        )
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)  # at once, so that the stamp never goes before the rest
        shutil.rmtree(old, ignore_errors=True)
    folder.mkdir()
    stamp.write_text("")


def _create(folder: Path, *, with_pip: bool) -> None:
    try:
        venv.create(folder, with_pip=with_pip)
    except subprocess.CalledProcessError as error:
        said = _end_of((error.output or b"").decode(errors="replace"))
        raise EnvironmentNotMade(
            f"{sys.executable} cannot make an environment with pip in {folder} (ensurepip ended "
            f"with {error.returncode}). On Debian and Ubuntu install python3-venv, then try "
            f"again. {said}"
        ) from error


def _install(folder: Path, requirements: Path, *, with_our_pip: bool) -> None:
    python = str(folder / "bin" / "python")
    # Since pip 22.3, which Python 3.11 brought, one environment's pip can fill another.
    pip = (
        [python, "-m", "pip"]
        if not with_our_pip
        else [sys.executable, "-m", "pip", "--python", python]
    )
    arguments = ("install", "-q", "--no-input", "--require-hashes", "-r", str(requirements))
    finished = subprocess.run(
        [*pip, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env={**os.environ, **_QUIET},
        check=False,
    )
    if finished.returncode != 0:
        raise EnvironmentNotMade(_not_installed(finished.stdout, folder))


def _not_installed(said: str, folder: Path) -> str:
    if _UNREACHABLE.search(said):
        why = (
            "the package index cannot be reached, or lacks a package. It is needed once: connect "
            "to the network"
        )
    else:
        why = "pip refused. Mend what it says"
    return (
        f"The stand-in for DynamoDB and S3 could not be installed: {why} (PIP_INDEX_URL, "
        "PIP_PROXY and pip's other settings hold here too), then run "
        f"`{sys.executable} -m codybatch.standins.aws {folder}`. {_end_of(said)}"
    )


def _end_of(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return f"It said: {' '.join(lines[-_LAST_LINES:])}" if lines else ""


def _digest(requirements: Path) -> str:
    return hashlib.sha256(requirements.read_bytes()).hexdigest()

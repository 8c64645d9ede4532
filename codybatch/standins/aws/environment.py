"""The environment of the DynamoDB and S3 stand-in, made once: it pins another botocore than ours.

``python -m codybatch.standins.aws FOLDER`` makes it; `make setup` calls that.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import venv
from pathlib import Path

REQUIREMENTS = Path(__file__).with_name("requirements.txt")
_STAMP = "made-of"


def program(folder: Path) -> Path:
    """Where the server's program lies in an environment."""
    return folder / "bin" / "ministack"


def is_made(folder: Path) -> bool:
    """Whether the environment holds what `REQUIREMENTS` names."""
    stamp = folder / _STAMP
    return program(folder).is_file() and stamp.is_file() and stamp.read_text() == _digest()


def ensure(folder: Path) -> Path:
    """Make the environment where it is missing or of other requirements; this needs the network.

    Returns the server's program.

    Raises:
        subprocess.CalledProcessError: pip could not install it; what it said stands on stderr.
    """
    if not is_made(folder):
        shutil.rmtree(folder, ignore_errors=True)
        venv.create(folder, with_pip=True)
        quiet = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_ROOT_USER_ACTION": "ignore"}
        arguments = ("-m", "pip", "install", "-qq", "--no-input", "--require-hashes", "-r")
        command = [str(folder / "bin" / "python"), *arguments, str(REQUIREMENTS)]
        subprocess.run(command, check=True, env={**os.environ, **quiet})
        (folder / _STAMP).write_text(_digest())
    return program(folder)


def _digest() -> str:
    return hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()

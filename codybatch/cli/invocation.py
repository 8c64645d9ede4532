"""How commands are named in what we say, so that they can be typed just so."""

from __future__ import annotations

import re
import shlex
import shutil
import sys
from pathlib import Path

from codybatch.cli.context import looks_at_demo

_NAMED = re.compile(
    r"`codybatch (?=(?:jobs|requests|prompts|schedules|experiments|dispatcher|doctor|up)\b"
    r"(?! --demo))"
)
"""Commands that look at one home directory or at the other."""


def program() -> str:
    """How this program is called from here: ``codybatch`` where the PATH leads to it."""
    mine = Path(sys.executable).with_name("codybatch")
    found = shutil.which("codybatch")
    if found and (not mine.exists() or mine.samefile(found)):
        return "codybatch"
    if not mine.exists():
        return f"{shlex.quote(sys.executable)} -m codybatch"
    here = Path.cwd()
    return shlex.quote(str(mine.relative_to(here) if mine.is_relative_to(here) else mine))


def command(arguments: str) -> str:
    """A command of ours, as it continues this call.

    Args:
        arguments: what follows the program's name, as for one's own home directory.
    """
    return f"{program()} {'--demo ' if looks_at_demo() else ''}{arguments}"


def continued(text: str) -> str:
    """``text`` whose commands look where this call looks."""
    return _NAMED.sub("`codybatch --demo ", text) if looks_at_demo() else text

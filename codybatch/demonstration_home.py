"""Whether somebody runs the demonstration of a home directory, and where its workbench is.

What lives here: the lock that who runs it holds, and the note that it leaves for others.
What never does: running it (``codybatch/cli/demonstration.py``).
"""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

LOCK = "demonstration.lock"
NOTE = "demonstration.json"


def is_taken(home: Path) -> bool:
    """Whether a process holds a demonstration's home; nothing is made there to find out."""
    if not (home / LOCK).exists():
        return False
    try:
        with FileLock(home / LOCK, timeout=0):
            return False
    except Timeout:
        return True
    except OSError:  # not for us to lock
        return False


def note_of(home: Path) -> dict[str, Any]:
    """What who runs it has left for others; empty where that is nothing."""
    with suppress(OSError, ValueError):
        found = json.loads((home / NOTE).read_text())
        if isinstance(found, dict):
            return found
    return {}


def why_it_is_only_looked_at(home: Path, act: str) -> str:
    """Why nothing can be done there from another process, and what to do instead.

    Args:
        home: the demonstration's.
        act: what was to be done, in words.
    """
    if not is_taken(home):
        return (
            f"The demonstration's stand-ins have ended, so nobody can {act} there. "
            "Its workbench starts them: `codybatch up --demo`."
        )
    alone = f"The demonstration runs in another process, so nobody can {act} from here."
    if address := note_of(home).get("address"):
        return f"{alone} Use its workbench: {address}"
    return f"{alone} Wait until it has ended, then use its workbench: `codybatch up --demo`."

"""What pages need is loaded before the first visitor asks for it."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import sys
from codybatch.ui.server.warming import SLOW, load

load()
print(*sorted({"codybatch.composition", "codybatch.ui.live", *SLOW} - set(sys.modules)))
"""


def test_every_module_of_the_pages_is_loaded() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=100, check=True
    )

    assert done.stdout.split() == []
    assert "could not be loaded" not in done.stderr

"""What the documents say was tried, was tried: no number there is above what the tests count."""

from __future__ import annotations

import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.contracts.interleavings_contract import JUMPS, ORDERS
from tests.security.test_hostile_model import CASES, INPUTS, TOOLS
from tests.security.test_orders import TEXTS
from tests.security.test_secrets_end_to_end import PLANTED
from tests.worker.crashing.trial import LOST_ANSWERS, LOST_REPLIES
from tests.worker.test_crash_points_outside import DISPATCHER, HANDED_OVER, SUBMISSION

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| (\d+) \| (.+?) \| `(.+?)` \|$", re.MULTILINE)
PAGES = ("reliability", "security")
ROWS = [
    (int(number), what, where)
    for page in PAGES
    for number, what, where in ROW.findall((ROOT / "docs" / f"{page}.md").read_text())
]
COUNTED = {
    "replies of the model that are cut off": len(LOST_REPLIES),
    "answers of the code host that are lost": len(LOST_ANSWERS),
    "deaths of whoever submits": 2 * len((*SUBMISSION, HANDED_OVER)),
    "deaths of the dispatcher": 2 * len(DISPATCHER),
    "orders in which two workers": len(ORDERS) * len(JUMPS),
    "hostile models, a whole job each": len(CASES),
    "of these, calls of tools": len(INPUTS) * (len(TOOLS) - 1),
    "texts and names with orders": len(TEXTS),
    "secrets of every kind": len(PLANTED),
}
"""Rows by how they begin; the others count the tests of their file."""
AT_RUN_TIME = "deaths of a job, just before and just after"
"""Counted by the test itself, once a job has listed its points."""


@cache
def collected(file: str) -> int:
    """How many tests a file has, each parameter counted."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:xdist", file],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return sum("::" in line for line in done.stdout.splitlines())


@pytest.mark.parametrize(("number", "what", "where"), ROWS, ids=[row[1][:40] for row in ROWS])
def test_no_number_is_above_what_is_tried(number: int, what: str, where: str) -> None:
    assert (ROOT / where).is_file()
    if what.startswith(AT_RUN_TIME):
        return
    (counted,) = [n for begin, n in COUNTED.items() if what.startswith(begin)] or [collected(where)]
    assert number <= counted


def test_every_table_is_read() -> None:
    written = [(ROOT / "docs" / f"{page}.md").read_text().count("\n| ") for page in PAGES]

    assert sum(written) - len(PAGES) == len(ROWS)

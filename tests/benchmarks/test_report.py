"""How soon a report of 20 prompts over 50 repositories is there, and how large it is."""

from __future__ import annotations

import time
from random import Random

import pytest

from codybatch.analysis.gathering.gather import gather
from codybatch.analysis.gathering.material import Material
from codybatch.analysis.report_files.making import Format, Writing, make_files
from codybatch.composition import net
from codybatch.settings import load_settings
from tests.report_files_kit import PLAIN, PatchShelf, an_arm_of
from tests.report_kit import a_material

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(300)]

PROMPTS, REPOSITORIES = 20, 50
MOST_SECONDS = 10.0
"""Of the processor, from jobs and verdicts to the page: a busy machine does not count."""
MOST_TIMES_GATHERING = 3.0
"""The whole against what the numbers alone take, on a slower machine."""
MOST_BYTES = 1_000_000
"""Of the page without its diffs."""


def material(shelf: PatchShelf, repetitions: int) -> Material:
    drawn = Random(1)
    arms = (
        an_arm_of(
            shelf,
            f"prompt number {number}",
            [drawn.randrange(repetitions + 1) for _ in range(REPOSITORIES)],
            repetitions,
            text=f"{PLAIN}\nHint {number}",
        )
        for number in range(PROMPTS)
    )
    return a_material(*arms)


@pytest.mark.parametrize("repetitions", [1, 3])
def test_a_large_report_is_there_in_seconds_and_can_be_sent(repetitions: int) -> None:
    shelf = PatchShelf()
    compared = material(shelf, repetitions)
    clean = net(load_settings()).clean
    gather(material(shelf, 1), clean)  # what is imported first is not its own

    began = time.process_time()
    report = gather(compared, clean, shelf.read)
    gathered = time.process_time() - began
    linked = Writing((Format.HTML,), diffs=False, workbench="https://d111111abcdef8.example.net")
    page = make_files(report, clean, shelf.read, linked)["index.html"]
    taken = time.process_time() - began

    print(  # noqa: T201
        f"\n{PROMPTS} x {REPOSITORIES} x {repetitions}: {taken:.2f} s, of which {gathered:.2f} s "
        f"for the numbers; {len(page) / 1e3:,.0f} kB"
    )
    assert taken < max(MOST_SECONDS, MOST_TIMES_GATHERING * gathered)
    assert len(page) < MOST_BYTES

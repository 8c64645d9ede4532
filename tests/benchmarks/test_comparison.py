"""How soon a comparison of many arms is recomputed from jobs and verdicts that are at hand."""

from __future__ import annotations

import random
from time import process_time

import pytest

from codybatch.analysis.gathering.material import Material
from tests.report_kit import a_material, accepted_so_often, reported

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(300)]

ARMS, REPOSITORIES, REPETITIONS = 20, 50, 5
MOST_SECONDS = 1.0
"""Of the processor: it is all computing, and a busy machine does not count."""
MOST_TIMES_TWO_ARMS = 14
"""On a slower machine: what every arm takes by itself, and not every pair of them."""


def arms(number: int) -> Material:
    drawn = random.Random(7)
    return a_material(
        *(
            accepted_so_often(
                f"arm {arm}",
                [
                    sum(drawn.random() < 0.3 + 0.02 * arm for _ in range(REPETITIONS))
                    for _ in range(REPOSITORIES)
                ],
                REPETITIONS,
            )
            for arm in range(number)
        )
    )


def seconds(material: Material) -> float:
    began = process_time()
    reported(material)
    return process_time() - began


def test_many_arms_over_many_repositories_are_compared_again_within_a_second() -> None:
    many, two = arms(ARMS), arms(2)
    reported(two)  # imports scipy, once

    taken = min(seconds(many) for _ in range(3))
    of_two = min(seconds(two) for _ in range(3))

    print(  # noqa: T201
        f"\n{ARMS} arms x {REPOSITORIES} repositories x {REPETITIONS} repetitions: {taken:.2f} s; "
        f"two arms {of_two:.2f} s"
    )
    assert len(reported(many).cells()) == ARMS * REPOSITORIES * REPETITIONS
    assert taken < max(MOST_SECONDS, MOST_TIMES_TWO_ARMS * of_two)

"""How long a person waits for the templates of a stage."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.infra_kit import finished, started

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(600)]

ROUNDS = 3
MOST_SECONDS = 20.0
"""Node, the CDK's library, eight stacks and the fingerprints of three images."""


def test_the_templates_of_a_stage_are_written_soon(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    times = []
    for number in range(ROUNDS):
        begun = time.perf_counter()
        status, said = finished(started(tmp_path / str(number), "prod"))
        times.append(time.perf_counter() - begun)
        assert status == 0, said

    record_property("synthesis_seconds", round(min(times), 1))
    measured = f"writing the templates of a stage: {min(times):.1f} s"
    sys.stdout.write(measured + "\n")
    assert min(times) < MOST_SECONDS, measured

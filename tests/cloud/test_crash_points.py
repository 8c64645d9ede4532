"""Every death of a job whose records live in AWS, and which AWS Batch runs.

Each call that changes something in DynamoDB or S3 is a point: its worker dies before it or after
it, or never learns of its answer. The whole trial is one test, so that it is made once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from codybatch.api.cloud_events import upkeep_of
from codybatch.services.timekeeper import Timekeeper
from tests.worker.crashing.trial import CHECKS, UNDISTURBED, Place, Trial, opened
from tests.worker.crashing.world import SMALL, CrashWorld, cloud_crash_world

pytestmark = [pytest.mark.timeout(900), pytest.mark.usefixtures("aws")]

THERE = Place(
    settle="records.settle>TransactWriteItems", commit="records.commit>TransactWriteItems"
)
PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"
TICK_SECONDS = 3.0
"""A deployment's are a minute."""


@contextmanager
def ticking(world: AbstractContextManager[CrashWorld]) -> Iterator[CrashWorld]:
    """A world in which the deployment's tick comes, without which jobs would wait for ever for what
    is over: a code host that could not be reached.
    """
    with world as c, Timekeeper(upkeep_of(c.world.app).tick, TICK_SECONDS):
        yield c


@pytest.fixture
def trial(tmp_path: Path) -> Iterator[Trial]:
    world = cloud_crash_world(
        tmp_path,
        {UNDISTURBED: SMALL},
        parallel=6,
        max_repositories_per_request=1000,
        job_cost_cap_usd=10,
        daily_cost_cap_usd=1000,
    )
    with opened(ticking(world), THERE) as trial:
        yield trial


def test_after_every_death_and_every_lost_answer(trial: Trial, subtests: pytest.Subtests) -> None:
    for check in CHECKS:
        with subtests.test(check.__name__):
            check(trial)
    with subtests.test("as many deaths came as the page on reliability says"):
        row = rf"^\| (\d+) \| deaths of a job, .* \| `tests/cloud/{Path(__file__).name}` \|$"
        (said,) = re.findall(row, PAGE.read_text(), re.MULTILINE)
        assert int(said) <= len(trial.deaths)
    assert len(trial.unanswered) > 20

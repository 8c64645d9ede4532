"""Every death of a job whose records live on this machine, and which this machine runs."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.worker.crashing.trial import CHECKS, UNDISTURBED, Place, Trial, opened
from tests.worker.crashing.world import SMALL, crash_world

pytestmark = pytest.mark.timeout(600)

HERE = Place(settle="records.settle", commit="records.commit")


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trial]:
    world = crash_world(
        tmp_path_factory.mktemp("points"),
        {UNDISTURBED: SMALL},
        max_parallel_jobs=6,
        max_repositories_per_request=1000,
        job_cost_cap_usd=10,
        daily_cost_cap_usd=1000,
    )
    with opened(world, HERE) as trial:
        yield trial


@pytest.mark.parametrize("check", CHECKS, ids=[check.__name__ for check in CHECKS])
def test_after_every_death(trial: Trial, check: Callable[[Trial], None]) -> None:
    check(trial)


def test_as_many_deaths_came_as_the_page_on_reliability_says(trial: Trial) -> None:
    page = (Path(__file__).parents[2] / "docs" / "reliability.md").read_text()
    (said,) = re.findall(
        rf"^\| (\d+) \| deaths of a job, .* \| `tests/worker/{Path(__file__).name}` \|$",
        page,
        re.MULTILINE,
    )

    assert int(said) <= len(trial.deaths)


def test_nothing_is_left_of_the_work_trees(trial: Trial) -> None:
    """But of those that were killed after they had settled, until the next dispatcher comes."""
    w = trial.c.world
    w.app.local_engine.stop()
    left = {path.name for path in (w.settings.home / "work").iterdir()}
    after = {
        trial.jobs[repository].id
        for repository, death in trial.deaths.items()
        if (death.name, death.when) == ("records.settle", "after")
    }
    assert left <= after

    subprocess.run(
        [*trial.c.command.arguments, "dispatcher", "run"],
        env=dict(trial.c.command.environment),
        check=True,
    )
    assert not list((w.settings.home / "work").iterdir())
    w.app.store.records.check()

"""Experiments with real jobs: run to their end, and killed at each write of who submits them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from codybatch.domain.cells import CellState
from codybatch.domain.experiments import Experiment, ExperimentState
from codybatch.domain.prompts import PromptDraft
from codybatch.services.experiment_form import ExperimentForm, RepositoryForm
from codybatch.settings import inherited_environment
from tests.contracts.examples import usd
from tests.worker.crashing.points import Point
from tests.worker.crashing.program import STARTER, SUBJECT
from tests.worker.crashing.world import SMALL, CrashWorld, crash_world
from tests.worker.world import CLEAN, CLOCKS, UTCNOW, World, world

pytestmark = pytest.mark.timeout(300)

KILLED = -9
TEXTS = (UTCNOW, f"{UTCNOW} Look at every file.")
POINTS = (
    ("records.put_person_document", 1),
    ("records.put_experiment", 1),
    ("records.put_experiment", 2),
    ("records.create_request", 1),
    ("records.add_submission", 1),
)
"""Of ``experiments run`` with a key: the key, the experiment, its plan, and its first request."""
DEATHS = [
    replace(Point("submit", name, number), when=when)
    for name, number in POINTS
    for when in ("before", "after")
]


def save_prompts(w: World) -> None:
    for text in TEXTS:
        w.app.prompts.save(PromptDraft(name="utcnow", template=text), w.app.person)


def is_whole(w: World, experiment: Experiment) -> bool:
    """Whether every cell is done by one job, and what they cost is what was counted."""
    standing = w.app.experiments.standing(experiment)
    jobs = list(w.app.experiments.cells.jobs_of(experiment.id))
    return (
        experiment.state is ExperimentState.ENDED
        and {cell.state for cell in standing.cells} == {CellState.DONE}
        and len(jobs) == len(standing.cells)
        and experiment.spent_usd == sum(job.cost_usd for job in jobs)
    )


@pytest.fixture(scope="module")
def w(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("world")
    with world(folder, {"acme/clocks": CLOCKS, "upstream/clean": CLEAN}) as opened:
        save_prompts(opened)
        yield opened


def form(w: World, name: str) -> ExperimentForm:
    repositories = ("acme/clocks", "upstream/clean")
    return ExperimentForm(
        name=name,
        prompts=("utcnow@1", "utcnow@2"),
        options=w.app.default_options(),
        repositories=tuple(RepositoryForm(repository=one) for one in repositories),
        repetitions=2,
        budget_usd=usd("20"),
        requests_at_once=2,
        reuse=False,
    )


def test_real_jobs_are_made_of_every_cell_and_one_more_arm_is_all_that_is_run_later(
    w: World,
) -> None:
    service = w.app.experiments
    experiment = service.create(form(w, "To the end"), w.app.person)
    *_, standing = service.follow(experiment.id, every_seconds=0.2)
    assert is_whole(w, standing.experiment)
    for cell in standing.cells:
        assert cell.job is not None
        assert cell.job.were_changes_necessary is (cell.repository.repository.owner == "acme")
        assert cell.job.publication.kind == "none"
    before = {job.id for job in service.cells.jobs_of(experiment.id)}

    service.add_aa(experiment.id)
    *_, standing = service.follow(experiment.id, every_seconds=0.2)

    assert is_whole(w, standing.experiment)
    new = {job for job in service.cells.jobs_of(experiment.id) if job.id not in before}
    assert {job.cell.arm for job in new if job.cell} == {standing.experiment.arms[-1].key}
    assert len(new) == 4


def test_a_watcher_that_is_killed_leaves_the_experiment_to_whoever_looks_next(w: World) -> None:
    words = ("experiments", "run", "utcnow@1", "utcnow@2", "-n", "2", "--fresh", "--at-once", "1")
    watcher = subprocess.Popen(
        [sys.executable, "-m", "codybatch", *words, "-r", "acme/clocks", "--name", "Killed"],
        env={**inherited_environment(), **w.settings.as_environment()},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert watcher.stderr is not None
    for line in watcher.stderr:
        if "running" in line:
            os.kill(watcher.pid, signal.SIGKILL)
            break
    watcher.communicate()
    experiment = w.app.experiments.find("Killed")

    *_, standing = w.app.experiments.follow(experiment.id, every_seconds=0.2)

    assert watcher.returncode == KILLED
    assert is_whole(w, standing.experiment)


def test_a_dispatcher_lets_an_experiment_go_on_that_nobody_watches(w: World) -> None:
    service = w.app.experiments
    experiment = service.runs.advance(service.create(form(w, "Unwatched"), w.app.person))

    give_up_at = time.monotonic() + 120
    while service.find("Unwatched").state is not ExperimentState.ENDED:
        assert time.monotonic() < give_up_at
        if w.app.local_engine.status() is None:  # it leaves where nothing is left to do
            service.runs.advance(service.find("Unwatched"))
        time.sleep(0.1)

    assert is_whole(w, service.find("Unwatched"))
    assert experiment.under_way


@pytest.fixture(scope="module")
def c(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CrashWorld]:
    with crash_world(tmp_path_factory.mktemp("killed"), {"acme/small": SMALL}) as opened:
        save_prompts(opened.world)
        yield opened


def run(c: CrashWorld, subject: str) -> subprocess.CompletedProcess[str]:
    """What a person types; typed again, it holds the same key."""
    words = ("experiments", "run", "utcnow@1", "utcnow@2", "-r", "acme/small", "--fresh")
    return subprocess.run(
        [
            *c.command.environment[STARTER].split("\n"),
            *words,
            *("--name", subject, "--idempotency-key", subject, "--budget", "20", "--json"),
        ],
        env={**c.command.environment, SUBJECT: subject},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("death", DEATHS, ids=str)
def test_a_run_that_is_killed_and_typed_again_is_one_experiment(
    c: CrashWorld, death: Point
) -> None:
    subject = str(death).replace(" ", "-")
    c.plan.order(subject, death)

    assert run(c, subject).returncode == KILLED
    again = run(c, subject)

    assert again.returncode == 0, again.stderr
    found = [one for one in c.world.app.experiments.list() if one.name == subject]
    assert len(found) == 1
    assert is_whole(c.world, found[0])

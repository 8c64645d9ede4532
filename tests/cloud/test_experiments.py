"""Experiments whose records live in AWS and whose jobs AWS Batch runs go on by the cloud's tick."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from codybatch.api.cloud_events import upkeep_of
from codybatch.domain.cells import CellState
from codybatch.domain.experiments import ExperimentState
from codybatch.domain.prompts import PromptDraft
from codybatch.services.experiment_form import ExperimentForm, RepositoryForm
from tests.cloud_kit import cloud_world
from tests.contracts.examples import usd
from tests.worker.world import CLEAN, CLOCKS, UTCNOW

pytestmark = [pytest.mark.timeout(300), pytest.mark.usefixtures("aws")]


def test_the_tick_of_a_deployment_makes_every_cell_once_and_nothing_else_is_needed(
    tmp_path: Path,
) -> None:
    repositories = {"acme/clocks": CLOCKS, "acme/clean": CLEAN}
    with cloud_world(tmp_path, repositories) as opened:
        app = opened.world.app
        for text in (UTCNOW, f"{UTCNOW} Everywhere."):
            app.prompts.save(PromptDraft(name="utcnow", template=text), app.person)
        experiment = app.experiments.create(
            ExperimentForm(
                prompts=("utcnow@1", "utcnow@2"),
                options=app.default_options(),
                repositories=tuple(RepositoryForm(repository=one) for one in repositories),
                requests_at_once=1,
                budget_usd=usd("20"),
            ),
            app.person,
        )
        upkeep = upkeep_of(app)
        give_up_at = time.monotonic() + 240
        ticked = [upkeep.tick().experiments]
        while app.experiments.find(experiment.id).state is not ExperimentState.ENDED:
            assert time.monotonic() < give_up_at
            time.sleep(0.5)
            ticked.append(upkeep.tick().experiments)

        ended = app.experiments.find(experiment.id)
        cells = app.experiments.cells.of(ended)
        jobs = list(app.experiments.cells.jobs_of(experiment.id))

    assert {cell.state for cell in cells} == {CellState.DONE}
    assert len(jobs) == len(cells) == 4
    assert ended.spent_usd == sum(job.cost_usd for job in jobs)
    assert sum(ticked) == 3  # it plans one request, then the other, then it has ended

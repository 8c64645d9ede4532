"""Experiments go on by themselves: turn by turn, within their budget, and nothing twice."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from codybatch.domain.cells import CellState
from codybatch.domain.experiments import ExperimentState
from codybatch.domain.publication import PublishMode
from codybatch.domain.requests import OriginKind
from tests.unit.services.experimenting import Laboratory
from tests.unit.services.still import Still, still

DONE, FAILED, MISSING = CellState.DONE, CellState.FAILED, CellState.MISSING


@pytest.fixture(scope="module")
def s(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Still]:
    with still(tmp_path_factory.mktemp("still")) as opened:
        yield opened


@pytest.fixture
def lab(s: Still) -> Iterator[Laboratory]:
    laboratory = Laboratory(s)
    yield laboratory
    s.world.github.faults.clear()
    for experiment in laboratory.service.list():
        laboratory.service.remove(experiment.id)


def test_every_cell_is_submitted_once_at_its_pinned_commit_and_nothing_is_published(
    lab: Laboratory,
) -> None:
    experiment = lab.create(repetitions=2)

    ended = lab.run(experiment)

    cells = lab.cells(experiment)
    assert ended.state is ExperimentState.ENDED
    assert len(cells) == 8
    assert [cell.state for cell in cells] == [DONE] * 8
    assert len({cell.job.id for cell in cells if cell.job}) == 8
    for cell in cells:
        assert cell.job is not None
        assert cell.job.commit == cell.repository.commit
    for request in lab.requests(experiment):
        assert request.origin.kind is OriginKind.EXPERIMENT
        assert request.options.publish is PublishMode.NONE
        assert request.requester == experiment.created_by

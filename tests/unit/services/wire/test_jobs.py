"""What programs read of the experiment that a request and its jobs were made for."""

from __future__ import annotations

import pytest

from codybatch.domain.jobs import Job
from codybatch.domain.requests import Origin, OriginKind
from codybatch.services.wire.jobs import JobInFull, JobShown
from codybatch.services.wire.requests import RequestShown
from tests.contracts.examples import a_request, jobs_of
from tests.contracts.experiment_examples import AN_EXPERIMENT, a_cell, an_arm

CELL = a_cell(repetition=3, attempt=2)
IN_JSON = {"experiment": AN_EXPERIMENT, "arm": an_arm().key, "repetition": 3, "attempt": 2}


def shown(job: Job) -> list[JobShown]:
    return [JobShown.of(job), JobInFull.with_family(job, [job], [])]


def test_a_request_of_an_experiment_says_its_cell_and_so_do_its_jobs() -> None:
    request = a_request(origin=Origin(kind=OriginKind.EXPERIMENT, cell=CELL))
    (job,) = jobs_of(request, cell=CELL)

    assert RequestShown.of(request).as_json()["origin"]["cell"] == IN_JSON
    assert [one.as_json()["cell"] for one in shown(job)] == [IN_JSON, IN_JSON]


@pytest.mark.parametrize("kind", sorted(set(OriginKind) - {OriginKind.EXPERIMENT}))
def test_what_was_made_for_no_experiment_has_no_cell(kind: OriginKind) -> None:
    request = a_request(origin=Origin(kind=kind))
    (job,) = jobs_of(request)

    assert RequestShown.of(request).as_json()["origin"]["cell"] is None
    assert [one.as_json()["cell"] for one in shown(job)] == [None, None]

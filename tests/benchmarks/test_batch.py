"""Ten thousand jobs for AWS Batch: one call hands them over, one call looks after them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from codybatch.standins.batch import Status
from tests.unit.engines.aws_batch.depot import Depot, depot

pytestmark = pytest.mark.benchmark

MANY = 10_000
SECONDS_TO_HAND_OVER = 30.0
SECONDS_TO_LOOK = 30.0


@pytest.fixture
def d(tmp_path: Path) -> Iterator[Depot]:
    with depot(tmp_path) as opened:
        yield opened


@pytest.mark.timeout(300)
def test_ten_thousand_jobs_are_one_call(d: Depot) -> None:
    jobs = d.jobs(MANY)

    began = time.perf_counter()
    d.engine.submit(jobs)
    handed_over = time.perf_counter() - began
    calls = d.asked()
    d.settle_down()

    began = time.perf_counter()
    touched = d.engine.reconcile()
    looked = time.perf_counter() - began

    (array,) = d.batch.submissions()
    figures = {
        "jobs": MANY,
        "calls to hand over": calls,
        "seconds to hand over": round(handed_over, 2),
        "calls to look": d.asked() - calls,
        "seconds to look": round(looked, 2),
    }
    print(figures)  # noqa: T201
    assert (calls, touched) == (1, 0)
    assert array.counts[Status.RUNNABLE] == MANY
    assert d.asked() - calls <= 10
    assert handed_over < SECONDS_TO_HAND_OVER
    assert looked < SECONDS_TO_LOOK

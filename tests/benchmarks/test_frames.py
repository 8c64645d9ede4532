"""How soon a frame of 100,000 jobs is there, and what memory it takes."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
from pathlib import Path

import pytest

from codybatch.stores.embedded import EmbeddedStore
from tests.contracts.examples import NOON
from tests.unit.stores.embedded.many_rows import fill

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(600)]

MANY = 100_000
MOST_SECONDS = 3.0
"""Of the processor: it is all computing, and a busy machine does not count."""
MOST_TIMES_READING = 1.8
"""The frame against reading its records and doing nothing with them, on a slower machine."""
MOST_MEGABYTES = 500
"""Of a whole process, pandas and Arrow included."""

MEASURED = """
import gc, json, resource, sys, time
import codybatch
from codybatch.services.job_lists import JobFilter, pages_of_jobs

def seconds(act):
    began = time.process_time()
    act()
    return time.process_time() - began

with codybatch.connect(sys.argv[1]) as cb:
    cb.jobs(limit=1)
    taken = min(seconds(cb.jobs) for _ in range(3))
    frame = cb.jobs()
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_000
    few = min(seconds(lambda: cb.jobs(columns=["job", "state", "cost_usd"])) for _ in range(3))
    gc.disable()
    records = cb.application.store.records
    reading = min(
        seconds(lambda: sum(map(len, pages_of_jobs(records, JobFilter())))) for _ in range(3)
    )
    print(json.dumps({
        "rows": len(frame), "columns": len(frame.columns), "taken": taken, "few": few,
        "reading": reading, "megabytes": megabytes,
        "frame_megabytes": float(frame.memory_usage(deep=True).sum()) / 1e6,
    }))
"""
"""In a process of its own, so that its memory is its own."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("many")
    store = EmbeddedStore(home)
    fill(store._database, MANY, NOON, ended=True)
    store.close()
    gc.collect()
    return home


def test_a_frame_of_many_jobs_is_there_in_seconds(home: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, str(home)], capture_output=True, text=True, check=True
    )
    found = json.loads(done.stdout)

    print(  # noqa: T201
        f"\n{found['rows']:,} jobs, {found['columns']} columns: {found['taken']:.2f} s, three of "
        f"them {found['few']:.2f} s, reading alone {found['reading']:.2f} s; "
        f"{found['megabytes']:.0f} MB, of which the frame {found['frame_megabytes']:.0f}"
    )
    assert found["rows"] == MANY
    assert found["taken"] < max(MOST_SECONDS, MOST_TIMES_READING * found["reading"])
    assert found["megabytes"] < MOST_MEGABYTES

"""What the embedded store costs: a turn's commit, an object, and a page of many jobs."""

from __future__ import annotations

import itertools
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from statistics import median

import pytest

from codybatch.domain.jobs import Job
from codybatch.ports import PageRequest, Partition, PartitionKind
from codybatch.stores.embedded.blobs import FileBlobs
from codybatch.stores.embedded.database import Database
from codybatch.stores.embedded.records import EmbeddedRecords
from tests.contracts.examples import ALICE, NOON, a_step, an_event, lease_of, minutes, running
from tests.contracts.experiment_examples import AN_EXPERIMENT
from tests.unit.stores.embedded.many_rows import fill, instructions

pytestmark = pytest.mark.benchmark

FEW, MANY = 100, 100_000
PAGE = PageRequest(limit=50)
LISTS = {
    "everything": Partition(),
    "state": Partition(PartitionKind.STATE, "queued"),
    "repository": Partition(PartitionKind.REPOSITORY, "acme/api"),
    "prompt": Partition(PartitionKind.PROMPT, "update"),
    "requester": Partition(PartitionKind.REQUESTER, ALICE),
    "experiment": Partition(PartitionKind.EXPERIMENT, AN_EXPERIMENT),
}


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "codybatch.db")
    yield database
    database.close()


def milliseconds(*acts: Callable[[], object], times: int = 200) -> list[float]:
    """The median of how long each act takes, measured in turn: the machine is shared."""
    taken: list[list[float]] = [[] for _ in acts]
    for _ in range(times):
        for act, mine in zip(acts, taken, strict=True):
            began = time.perf_counter()
            act()
            mine.append((time.perf_counter() - began) * 1_000)
    return [median(mine) for mine in taken]


def bare_commit(folder: Path) -> Callable[[], object]:
    """One row of a step's size in SQLite with the same durability, and nothing else."""
    connection = sqlite3.connect(folder / "bare.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE bare (content TEXT)")

    def commit() -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO bare VALUES (?)", ("x" * 600,))
        connection.execute("COMMIT")

    return commit


def one_step(records: EmbeddedRecords, job: Job, since: int = 0) -> Callable[[], object]:
    """The commit of a turn: the job, a step and an event."""
    numbers = itertools.count(since)

    def commit() -> None:
        number = next(numbers)
        step = a_step(job, number)
        records.commit(lease_of(job), job, [step], [an_event(f"Turn {number}")])

    return commit


def test_a_commit_costs_little_more_than_the_disk_does(database: Database, tmp_path: Path) -> None:
    records = EmbeddedRecords(database)
    young, old = running(records), running(records, at=NOON + minutes(1))
    records.commit(lease_of(old), old, [a_step(old, number) for number in range(10_000)])
    fill(database, 1_000, NOON + minutes(2))

    bare, step, late = milliseconds(
        bare_commit(tmp_path), one_step(records, young), one_step(records, old, since=10_000)
    )

    print(  # noqa: T201
        f"\ncommit: bare {bare:.2f} ms, a step {step:.2f} ms, after 10,000 steps {late:.2f} ms"
    )
    assert step < 3 * bare + 1
    assert late < 1.5 * step + 0.5


def test_an_object_costs_little_more_than_the_disk_does(tmp_path: Path) -> None:
    blobs = FileBlobs(tmp_path)
    numbers = itertools.count()
    content = b"x" * 5_000

    ref = blobs.put("jobs/1/large", bytes(50_000_000))

    put, read, whole = milliseconds(
        lambda: blobs.put(f"jobs/1/a1/{next(numbers):06d}", content),
        partial(blobs.get, ref, 20_000_000, 20_000_100),
        lambda: sum(map(len, blobs.stream(ref))),
        times=20,
    )

    print(  # noqa: T201
        f"\nobject: put {put:.2f} ms; of 50 MB: a range {read:.2f} ms, all {whole:.0f} ms"
    )
    assert read < whole / 10


def test_a_page_costs_the_same_with_100_and_100000_jobs(database: Database) -> None:
    records = EmbeddedRecords(database)

    def measure() -> dict[str, tuple[int, float]]:
        reads: dict[str, Callable[[], object]] = {
            name: partial(records.list_jobs, partition, PAGE) for name, partition in LISTS.items()
        }
        first = records.list_jobs(page=PAGE)
        reads["next page"] = partial(records.list_jobs, Partition(), PageRequest(50, first.cursor))
        reads["requests"] = partial(records.list_requests, Partition(), PAGE)
        reads["search"] = partial(records.search_jobs, "dependencies acme", PAGE)
        reads["counts"] = records.job_counts
        times = milliseconds(*reads.values(), times=20)
        costs = [instructions(database, read) for read in reads.values()]
        return dict(zip(reads, zip(costs, times, strict=True), strict=True))

    for number in range(60):
        fill(database, 1, NOON - minutes(number + 1))  # so that requests have a full page too
    fill(database, FEW - 60, NOON)
    few = measure()
    began = time.perf_counter()
    fill(database, MANY - FEW, NOON + minutes(FEW))
    with closing(sqlite3.connect(database.path)) as connection:
        size = connection.execute("PRAGMA page_count").fetchone()[0] * 4096
    filled = time.perf_counter() - began
    many = measure()

    print(f"\n{MANY:,} jobs in {filled:.1f} s, {size / MANY:,.0f} bytes a job")  # noqa: T201
    for name in few:
        (cost, taken), (cost_many, taken_many) = few[name], many[name]
        figures = f"{cost} -> {cost_many} instructions, {taken:.2f} -> {taken_many:.2f} ms"
        print(f"{name:10} {figures}")  # noqa: T201
        assert cost_many <= cost * 1.1 + 20, name

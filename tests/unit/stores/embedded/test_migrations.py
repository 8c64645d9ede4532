"""The schema: where the migrations lead, and what happens to other versions."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date, timedelta
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from codybatch.domain.errors import StoreTooNew
from codybatch.domain.findings import Decision
from codybatch.domain.prompts import PromptRef
from codybatch.domain.publication import Publication, PublicationKind
from codybatch.domain.states import JobState
from codybatch.domain.tallies import DayTally
from codybatch.ports import FlagCounts, Partition, PartitionKind, Records
from codybatch.stores.embedded import EmbeddedStore
from codybatch.stores.embedded.migrations import MIGRATIONS, migrate
from tests.contracts.examples import (
    BOB,
    NOON,
    a_patch,
    a_verdict,
    minutes,
    queued,
    running,
    settled,
    usd,
)
from tests.contracts.flags_contract import A_FINDING
from tests.contracts.lists_contract import published, with_pull_request

Shape = set[tuple[str, str, str]]


def shape(connection: sqlite3.Connection) -> Shape:
    """Every table and index, with its definition without line breaks."""
    found = connection.execute("SELECT type, name, coalesce(sql, '') FROM sqlite_master").fetchall()
    return {(kind, name, " ".join(sql.split())) for kind, name, sql in found}


def open_empty() -> sqlite3.Connection:
    return sqlite3.connect(":memory:", isolation_level=None)


def shape_of_the_schema_file() -> Shape:
    schema = resources.files("codybatch.stores.embedded").joinpath("schema.sql").read_text()
    with closing(open_empty()) as connection:
        connection.executescript(schema)
        return shape(connection)


def test_the_migrations_lead_to_the_schema_file() -> None:
    with closing(open_empty()) as connection:
        migrate(connection, Path("memory"))

        assert shape(connection) == shape_of_the_schema_file()
        assert connection.execute("PRAGMA user_version").fetchone()[0] == len(MIGRATIONS)


def test_every_table_is_strict() -> None:
    with closing(open_empty()) as connection:
        migrate(connection, Path("memory"))
        tables = connection.execute("PRAGMA table_list").fetchall()

    ours = {row[1]: row[5] for row in tables if not row[1].startswith("sqlite_")}
    assert len(ours) > 10
    assert set(ours.values()) == {1}


@pytest.mark.parametrize("version", range(len(MIGRATIONS)))
def test_an_older_store_takes_the_missing_steps(version: int) -> None:
    with closing(open_empty()) as connection:
        for step in MIGRATIONS[:version]:
            step(connection)
        connection.execute(f"PRAGMA user_version = {version}")

        migrate(connection, Path("memory"))

        assert shape(connection) == shape_of_the_schema_file()


def as_it_was(new: Path, old: Path, version: int) -> None:
    """Make a database of an older version with what a new one holds of requests, jobs, verdicts."""
    with closing(sqlite3.connect(old, isolation_level=None)) as connection:
        for step in MIGRATIONS[:version]:
            step(connection)
        connection.execute("ATTACH ? AS new", (str(new),))
        for table in ("requests", "jobs", "job_counts", "verdicts", "day_budgets"):
            columns = [row[1] for row in connection.execute(f"PRAGMA main.table_info({table})")]
            names = ", ".join(columns)
            connection.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM new.{table}")
        connection.execute(f"PRAGMA user_version = {version}")


def test_open_pull_requests_of_an_older_store_are_found(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path / "new")
    opened = with_pull_request(store.records, NOON)
    merged = with_pull_request(store.records, NOON + minutes(1))
    store.records.update_job(published(store.records.job(merged), "merged"))
    store.close()
    as_it_was(tmp_path / "new/codybatch.db", tmp_path / "codybatch.db", version=1)

    again = EmbeddedStore(tmp_path)
    found = again.records.list_jobs(Partition(PartitionKind.OPEN_PULL_REQUEST))
    again.close()

    assert [job.id for job in found.items] == [opened]


def test_what_waits_for_a_person_in_an_older_store_is_found(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path / "new")
    ended_in_many_ways(store.records)
    expected = (
        store.records.list_jobs(Partition(PartitionKind.UNJUDGED)),
        store.records.list_jobs(Partition(PartitionKind.WITHHELD)),
        store.records.flag_counts(),
    )
    tallies = (all_days(store.records), store.records.prompt_tallies("update"))
    store.close()
    as_it_was(tmp_path / "new/codybatch.db", tmp_path / "codybatch.db", version=3)

    again = EmbeddedStore(tmp_path)
    found = (
        again.records.list_jobs(Partition(PartitionKind.UNJUDGED)),
        again.records.list_jobs(Partition(PartitionKind.WITHHELD)),
        again.records.flag_counts(),
    )
    recounted = (all_days(again.records), again.records.prompt_tallies("update"))
    again.records.check()
    again.close()

    assert found == expected
    assert recounted == tallies
    assert [day.tally.ended for day in recounted[0]] == [7, 6, 6]
    assert found[2] == FlagCounts(open_pull_request=1, unjudged=4, withheld=3)


def all_days(records: Records) -> tuple[DayTally, ...]:
    return records.day_tallies(date.min, date.max)


def ended_in_many_ways(records: Records) -> None:
    """Jobs of all states, with and without results and verdicts, over three days."""
    queued(records, NOON)
    running(records, at=NOON + minutes(1))
    with_pull_request(records, NOON + minutes(2))
    withheld = Publication(kind=PublicationKind.WITHHELD)
    results: list[dict[str, Any]] = [
        {"patch": a_patch(), "publication": withheld, "were_changes_necessary": True},
        {"patch": a_patch(), "were_changes_necessary": True, "cost_usd": usd("0.1")},
        {"findings": (A_FINDING,), "state": JobState.PARTIAL, "cost_usd": usd("0.20")},
        {"answer": {}, "state": JobState.FAILED},
        {"patch": a_patch(), "state": JobState.CANCELLED},
        {"were_changes_necessary": False, "cost_usd": usd("1.000001")},
    ]
    for day in range(3):
        for number, result in enumerate(results):
            at = NOON + timedelta(days=day, minutes=number)
            job = running(records, at=at, prompt=PromptRef(name="update", version=1 + number % 2))
            ended = settled(records, job, ended_at=at, **result)
            if day:
                records.put_verdict(a_verdict(ended, at=at))
            if day == 2:
                decision = Decision.REJECT if number % 2 else Decision.ACCEPT
                records.put_verdict(a_verdict(ended, BOB, decision=decision, at=at))


def test_a_step_that_fails_leaves_the_store_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(connection: sqlite3.Connection) -> None:
        connection.execute("CREATE TABLE half_made (a TEXT) STRICT")
        raise RuntimeError("power cut")

    EmbeddedStore(tmp_path).open()
    with closing(sqlite3.connect(tmp_path / "codybatch.db")) as connection:
        before = shape(connection)
    monkeypatch.setattr("codybatch.stores.embedded.migrations.MIGRATIONS", (*MIGRATIONS, breaks))

    with pytest.raises(RuntimeError, match="power cut"):
        EmbeddedStore(tmp_path).open()

    with closing(sqlite3.connect(tmp_path / "codybatch.db")) as connection:
        assert shape(connection) == before
        assert connection.execute("PRAGMA user_version").fetchone()[0] == len(MIGRATIONS)


def test_a_newer_store_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "codybatch.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 999")
    before = path.read_bytes()

    with pytest.raises(StoreTooNew, match="999"):
        EmbeddedStore(tmp_path).records.job_counts()

    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["codybatch.db"]


def test_stores_that_open_a_new_place_at_once_make_one_database(tmp_path: Path) -> None:
    stores = [EmbeddedStore(tmp_path / "new") for _ in range(8)]

    with ThreadPoolExecutor(8) as openers:
        counts = list(openers.map(lambda store: store.records.job_counts(), stores))

    assert len({count.total for count in counts}) == 1
    for store in stores:
        store.close()

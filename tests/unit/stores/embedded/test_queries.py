"""What a query costs: every one is answered by an index, in its order."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from codybatch.domain.documents import PersonDocument
from codybatch.domain.experiments import ExperimentState
from codybatch.domain.findings import Decision
from codybatch.domain.jobs import Progress
from codybatch.domain.prompts import PromptDraft
from codybatch.domain.publication import Publication, PublicationKind
from codybatch.ports import FlagCounts, PageRequest, Partition, PartitionKind
from codybatch.stores.embedded.database import Database
from codybatch.stores.embedded.records import EmbeddedRecords
from tests.contracts.examples import (
    ALICE,
    NOON,
    SOON,
    TODAY,
    TOMORROW,
    a_patch,
    a_step,
    a_verdict,
    an_event,
    claimed,
    created,
    lease_of,
    minutes,
    reserve,
    running,
    settled,
    waiting,
)
from tests.contracts.experiment_examples import AN_EXPERIMENT, an_experiment
from tests.unit.stores.embedded.many_rows import fill, instructions

EVERY_JOB_PARTITION = [
    Partition(),
    Partition(PartitionKind.STATE, "queued"),
    Partition(PartitionKind.REPOSITORY, "acme/api"),
    Partition(PartitionKind.PROMPT, "update"),
    Partition(PartitionKind.REQUESTER, ALICE),
    Partition(PartitionKind.EXPERIMENT, AN_EXPERIMENT),
    Partition(PartitionKind.OPEN_PULL_REQUEST),
    Partition(PartitionKind.OPEN_PULL_REQUEST, "acme/api"),
    Partition(PartitionKind.UNJUDGED),
    Partition(PartitionKind.WITHHELD),
]
OF_JOBS_ALONE = (
    PartitionKind.STATE,
    PartitionKind.OPEN_PULL_REQUEST,
    PartitionKind.UNJUDGED,
    PartitionKind.WITHHELD,
)
EVERY_REQUEST_PARTITION = [
    partition for partition in EVERY_JOB_PARTITION if partition.kind not in OF_JOBS_ALONE
]
MAY_SCAN = "(subquery-1)"
"""At most 100 rows of an index: how many records hold a word."""


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "codybatch.db")
    yield database
    database.close()


@pytest.fixture
def records(database: Database) -> EmbeddedRecords:
    return EmbeddedRecords(database)


def statements(database: Database, act: Callable[[], object]) -> list[str]:
    """The statements that ``act`` runs, with their values filled in."""
    seen: list[str] = []
    with database.read() as connection:
        connection.set_trace_callback(seen.append)
    act()
    with database.read() as connection:
        connection.set_trace_callback(None)
    words = ("SELECT", "UPDATE", "DELETE", "INSERT")
    return [statement for statement in seen if statement.startswith(words)]


def plan(connection: sqlite3.Connection, statement: str) -> list[str]:
    rows = connection.execute(f"EXPLAIN QUERY PLAN {statement}").fetchall()
    return [row["detail"] for row in rows]


def lists_and_searches(records: EmbeddedRecords) -> None:
    kinds = [
        PageRequest(limit=1),
        PageRequest(limit=1, since=NOON, until=SOON),
        PageRequest(limit=1, oldest_first=True),
    ]
    for page in kinds:
        for partition in EVERY_JOB_PARTITION:
            first = records.list_jobs(partition, page)
            records.list_jobs(partition, replace(page, cursor=first.cursor))
        for partition in EVERY_REQUEST_PARTITION:
            first_requests = records.list_requests(partition, page)
            records.list_requests(partition, replace(page, cursor=first_requests.cursor))
        for words in ("acme", "acme dependencies", "acme api dependencies update"):
            found = records.search_jobs(words, page)
            records.search_jobs(words, replace(page, cursor=found.cursor))
            records.search_requests(words, page)
        request = records.list_requests().items[0].id
        records.list_jobs(Partition(PartitionKind.REQUEST, request), page)
        for archived in (False, True):
            records.prompts(page, archived=archived)
    records.lineage(records.list_jobs().items[0].lineage.root)


def a_jobs_life(records: EmbeddedRecords) -> None:
    job = running(records)
    lease = lease_of(job)
    records.renew(lease, Progress(), SOON)
    records.commit(lease, job.with_(title="New words"), [a_step(job, 0)], [an_event("one")])
    reserve(records, job, "1", daily_cap="5")
    records.release(lease, waiting(job))
    records.put_back(job.id)
    withheld = Publication(kind=PublicationKind.WITHHELD)
    again = settled(records, claimed(records, job.id), patch=a_patch(), publication=withheld)
    for decision in Decision:
        records.put_verdict(a_verdict(again, decision=decision))
    records.withdraw_verdict(again.id, ALICE)
    records.update_job(again.with_(publication=Publication()))
    records.day_tallies(TODAY, TOMORROW)
    records.prompt_tallies("update")
    records.request_cancel(job.id, NOON, ALICE)
    records.update_request(records.request(job.request).with_(title="Renamed"))
    for read in (records.steps, records.events, records.verdicts):
        read(job.id)
    records.forget_events(SOON)


def a_persons_documents(records: EmbeddedRecords) -> None:
    for number in range(8):
        document = PersonDocument(person=ALICE, name=f"viewed.{number}", content="{}")
        records.put_person_document(document)
        records.put_person_document(document, overwrite=True)
        records.person_document(ALICE, document.name)
        records.forget_person_document(ALICE, document.name)


def prompts_come_and_go(records: EmbeddedRecords) -> None:
    for text in ("One.", "Two."):
        records.save_prompt(PromptDraft(name="update", template=text), ALICE, NOON)
        for archived in (True, False):
            records.archive_prompt("update", archived=archived)
            records.is_prompt_archived("update")
        records.prompt("update")
        records.prompt("update", 1)
        records.prompt_versions("update")


def experiments_come_and_go(records: EmbeddedRecords) -> None:
    for number in range(3):
        stored = records.put_experiment(an_experiment(NOON + minutes(number)))
        for state in ExperimentState:
            stored = records.put_experiment(stored.with_(state=state))
        records.experiment(stored.id)
        records.active_experiments()
        first = records.experiments(PageRequest(limit=1))
        records.experiments(PageRequest(limit=1, cursor=first.cursor))
    records.remove_experiment(records.experiments().items[0].id)


ACTS = [
    lists_and_searches,
    a_jobs_life,
    a_persons_documents,
    prompts_come_and_go,
    experiments_come_and_go,
]


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.__name__)
def test_every_statement_is_answered_by_an_index_in_its_order(
    database: Database, records: EmbeddedRecords, act: Callable[[EmbeddedRecords], None]
) -> None:
    for number in range(3):
        created(records, NOON + minutes(number), repositories="acme/api acme/web")

    seen = statements(database, lambda: act(records))

    assert len(seen) > 20
    with database.read() as connection:
        plans = {statement: plan(connection, statement) for statement in seen}
    for statement, steps in plans.items():
        for step in steps:
            assert "TEMP B-TREE" not in step, (statement, steps)
            scanned = step.partition("SCAN ")[2]
            assert scanned in {"", MAY_SCAN}, (statement, steps)


def test_looking_for_active_experiments_costs_the_same_however_many_ended(
    database: Database, records: EmbeddedRecords
) -> None:
    reads: list[Callable[[], object]] = [
        records.active_experiments,
        partial(records.experiments, PageRequest(limit=3)),
        partial(records.experiment, records.put_experiment(an_experiment()).id),
    ]

    def add(number: int, state: ExperimentState) -> None:
        at = NOON + minutes(number)
        records.put_experiment(an_experiment(at, state=state))

    for number in range(1, 5):
        add(number, ExperimentState.ENDED if number % 2 else ExperimentState.WAITING)
    few = [instructions(database, read) for read in reads]
    for number in range(5, 400):
        add(number, ExperimentState.ENDED if number % 2 else ExperimentState.PAUSED)
    many = [instructions(database, read) for read in reads]

    assert len(records.active_experiments()) == 3
    for cost, cost_of_many in zip(few, many, strict=True):
        assert cost > 5
        assert cost_of_many <= cost * 1.1 + 5


def test_a_page_costs_the_same_however_many_rows_there_are(
    database: Database, records: EmbeddedRecords
) -> None:
    middle = PageRequest(limit=20, since=NOON, until=NOON + minutes(40))

    def costs() -> dict[str, int]:
        found = {}
        for partition in EVERY_JOB_PARTITION:
            reads = {
                "first page": PageRequest(limit=20),
                "time range": middle,
                "next page": PageRequest(
                    limit=20, cursor=records.list_jobs(partition, middle).cursor
                ),
            }
            for name, page in reads.items():
                read = partial(records.list_jobs, partition, page)
                found[f"{partition}, {name}"] = instructions(database, read)
        search = partial(records.search_jobs, "dependencies acme", PageRequest(limit=20))
        found["search"] = instructions(database, search)
        found["counts"] = instructions(database, records.job_counts)
        found["flag counts"] = instructions(database, records.flag_counts)
        days = partial(records.day_tallies, TODAY, TOMORROW)
        found["tallies of days"] = instructions(database, days)
        of_prompt = partial(records.prompt_tallies, "update")
        found["tallies of a prompt"] = instructions(database, of_prompt)
        return found

    fill(database, 100, NOON, ended=True)
    few = costs()
    fill(database, 2_000, NOON + minutes(200), ended=True)
    many = costs()

    assert records.job_counts().total == 2_100
    assert records.flag_counts() == FlagCounts(525, 525, 525)
    for name, cost in few.items():
        assert cost > 20, name
        assert many[name] <= cost * 1.1 + 20, (name, cost, many[name])

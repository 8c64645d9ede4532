"""The budget of a day is spread over items, and its cap holds all the same."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from codybatch.domain.jobs import Job
from codybatch.standins.aws import AwsStandin
from codybatch.stores.aws import budget_items, keys
from codybatch.stores.aws.records import DynamoRecords
from tests.contracts.aws import AwsFixtures
from tests.contracts.examples import NOON, TODAY, minutes, reserve, running, settled, usd

CAP = "5"


@pytest.fixture
def records(tmp_path: Path, aws: AwsStandin) -> Iterator[DynamoRecords]:
    del aws
    records = AwsFixtures.make_records(tmp_path)
    assert isinstance(records, DynamoRecords)
    yield records
    records.close()


def test_what_raises_a_day_goes_through_its_gate_and_what_lowers_it_does_not(
    records: DynamoRecords,
) -> None:
    job = running(records)
    reserve(records, job, "1", daily_cap=CAP)
    settled(records, job, cost_usd=usd("0.4"))

    parts = {
        item.key.sk.partition("#")[2]: budget_items.of_day(TODAY, [item]).budget
        for item in records._table.query(budget_items.range_of(TODAY))
    }

    gate = parts.pop(keys.GATE)
    (shard,) = parts.values()
    assert (gate.reserved_usd, gate.spent_usd) == (usd("1"), usd("0"))
    assert (shard.reserved_usd, shard.spent_usd) == (usd("-1"), usd("0.4"))
    assert records.day_budget(TODAY).spent_usd == usd("0.4")
    assert records.day_budget(TODAY).reserved_usd == 0


def test_the_cap_of_a_day_holds_while_others_reserve_and_settle(records: DynamoRecords) -> None:
    """Each reserves a dollar and spends half of it: at no moment is more than the cap used."""
    jobs = [running(records, at=NOON + minutes(number)) for number in range(12)]
    used = []

    def work(job: Job) -> bool:
        granted: bool = reserve(records, job, "1", daily_cap=CAP).granted
        day = records.day_budget(TODAY)
        used.append(day.spent_usd + day.reserved_usd)
        if granted:
            settled(records, job, cost_usd=usd("0.5"))
        return granted

    with ThreadPoolExecutor(6) as workers:
        granted = list(workers.map(work, jobs)).count(True)

    day = records.day_budget(TODAY)
    assert granted >= 5
    assert max(used) <= usd(CAP)
    assert (day.spent_usd, day.reserved_usd) == (usd("0.5") * granted, usd("0"))

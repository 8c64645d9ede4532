"""What the store on AWS asks of DynamoDB: the same with few jobs as with very many.

`python -m tests.benchmarks.test_aws_store` prints the table of docs/aws.md, with 100,000 jobs too.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from boto3.session import Session

from codybatch.clock import SystemClock
from codybatch.domain.events import Event, EventKind
from codybatch.domain.jobs import Job, Progress
from codybatch.domain.money import Usage
from codybatch.domain.requests import ExperimentCell, Origin
from codybatch.domain.threads import BlobRef, Step
from codybatch.ports import PageRequest, Partition, PartitionKind
from codybatch.services.overview import overview
from codybatch.standins.aws import AwsStandin
from codybatch.stores.aws import AwsStore, keys, word_items
from codybatch.stores.aws.creation import new_request
from codybatch.stores.aws.items import Item
from codybatch.stores.aws.records import DynamoRecords
from codybatch.stores.aws.transaction import Transaction
from tests.aws_kit import running_aws
from tests.benchmarks.capacity import Cost, Meter
from tests.contracts.examples import (
    ALICE,
    NOON,
    a_patch,
    a_request,
    a_step,
    a_verdict,
    an_owner,
    capped,
    jobs_of,
    lease_of,
    minutes,
    succeeded,
    usd,
)
from tests.contracts.experiment_examples import AN_EXPERIMENT, a_cell

pytestmark = pytest.mark.benchmark

SIZES = (500, 1_000, 10_000)
"""With fewer, some pages of 50 are not full, and some words are in fewer than 100 records."""
LARGEST = 100_000
DOCUMENTATION = Path(__file__).parents[2] / "docs" / "aws.md"
IN_AN_EXPERIMENT = 2
"""One request of so many."""
FIVE = "acme/api acme/web acme/cli acme/docs other/tool"
PAGE = PageRequest(limit=50)
SUMMARY = (
    "Replaced the deprecated client by the supported one in every module that used it, adapted "
    "the tests to its exceptions, and left the public interface of the package as it was."
)


class Shop:
    """A store with so many jobs, and a meter on it."""

    def __init__(self, jobs: int) -> None:
        session = Session()
        name = f"figures-{uuid4().hex[:12]}"
        self.meter = Meter(session, name)
        self.store = AwsStore(name, name, session)
        self.store.create()
        self.records: DynamoRecords = self.store.records
        self._fill(jobs)

    def _fill(self, jobs: int) -> None:
        """Write what creating so many jobs, five a request, leaves behind."""
        items: list[Item] = []
        counts = Transaction()
        for number in range(jobs // 5):
            cell = a_cell() if number % IN_AN_EXPERIMENT == 0 else None
            request = a_request(
                NOON - minutes(number + 1), FIVE, prompt_text="x" * 2_000, origin=Origin(cell=cell)
            )
            of_request = tuple(jobs_of(request, cell=cell))
            new = new_request(request, of_request)
            items += self.records._creation._whole(new, of_request, uuid4().hex).items()
            items += word_items.of_request(new, of_request)
            for job in of_request:
                counts.add(keys.counter(job.id), "queued", 1)
        self.records._table.put_many(items)
        self.records._table.transact(counts)

    def cost(self, act: Callable[[], object]) -> Cost:
        """What an act asks of DynamoDB."""
        with self.meter.running() as cost:
            act()
        return cost

    def submitted(self, cell: ExperimentCell | None = None) -> tuple[Job, ...]:
        """Submit a request of five."""
        origin, budget = Origin(cell=cell), capped("50")
        request = a_request(NOON, FIVE, prompt_text="x" * 2_000, budget=budget, origin=origin)
        jobs = jobs_of(request, cell=cell)
        return self.records.create_request(request, jobs, uuid4().hex).jobs


def a_turn(job: Job, number: int) -> tuple[Job, list[Step], list[Event]]:
    """What a worker commits with a turn: a request, a reply and its results, and two lines."""
    digest = uuid4().hex * 2
    steps = [
        a_step(job, 3 * number + part).with_(
            blob=BlobRef(key=f"jobs/{job.id}/a0001/c01/{part:06d}.json", size=9_000, sha256=digest),
            usage=Usage(input_tokens=1_200, output_tokens=350, cache_read_tokens=20_000),
            cost_usd=usd("0.0123456"),
            request_sha256=digest,
        )
        for part in range(3)
    ]
    events = [
        Event(at=NOON, kind=EventKind.TURN, text=f"Turn {number}: edits 2 files.", turn=number),
        Event(at=NOON, kind=EventKind.TOOL, text="edit_file src/app/clients.py", turn=number),
    ]
    usage = Usage(input_tokens=1_200 * number, output_tokens=350 * number)
    return job.with_(usage=usage, cost_usd=usd("0.0123456") * number), steps, events


def figures(shop: Shop) -> dict[str, Cost]:
    """What each operation asks of DynamoDB."""
    records = shop.records
    found: dict[str, Cost] = {}
    jobs: tuple[Job, ...] = ()

    def submit() -> None:
        nonlocal jobs
        jobs = shop.submitted()

    found["submit a request of 5 jobs"] = shop.cost(submit)
    found["submit a request of 5 jobs of an experiment"] = shop.cost(
        lambda: shop.submitted(a_cell())
    )
    job = jobs[0]

    def claim() -> None:
        nonlocal job
        job = records.claim(job.id, an_owner(), NOON, NOON + minutes(1))

    found["claim a job"] = shop.cost(claim)
    lease = lease_of(job)
    today = NOON.date()
    numbers = itertools.count(1)

    def reserve() -> None:
        records.reserve(lease, usd("0.5"), job.cost_usd, today, usd("100"))

    def commit() -> None:
        nonlocal job
        job, steps, events = a_turn(job, next(numbers))
        records.commit(lease, job, steps, events)

    def beat() -> None:
        records.renew(lease, Progress(turn=1, last_tool="edit_file a.py"), NOON + minutes(2))

    found["reserve money (every few turns)"] = shop.cost(reserve)
    found["commit a turn"] = shop.cost(commit)
    found["a heartbeat"] = shop.cost(beat)
    ended = succeeded(job, patch=a_patch(), title="Replace the client", summary=SUMMARY)
    found["settle a job"] = shop.cost(lambda: records.settle(lease, ended))
    found["give a verdict"] = shop.cost(lambda: records.put_verdict(a_verdict(job)))
    for name, partition in LISTS.items():
        found[f"a page of 50 jobs: {name}"] = shop.cost(
            lambda partition=partition: records.list_jobs(partition, PAGE)  # type: ignore[misc]
        )
    found["a page of 50 requests"] = shop.cost(lambda: records.list_requests(page=PAGE))
    found["a search for two words, 50 jobs"] = shop.cost(
        lambda: records.search_jobs("dependencies acme", PAGE)
    )
    found["a live refresh of a job"] = shop.cost(
        lambda: (records.job(job.id), records.events(job.id, after=1))
    )
    found["a live refresh of the overview"] = shop.cost(
        lambda: overview(records, SystemClock(), usd("100"))
    )
    return found


LISTS = {
    "everything": Partition(),
    "a state": Partition(PartitionKind.STATE, "queued"),
    "a repository": Partition(PartitionKind.REPOSITORY, "acme/api"),
    "a person": Partition(PartitionKind.REQUESTER, ALICE),
    "an experiment": Partition(PartitionKind.EXPERIMENT, AN_EXPERIMENT),
}


@pytest.fixture(scope="module")
def shops(aws: AwsStandin) -> Iterator[dict[int, Shop]]:
    del aws
    made = {size: Shop(size) for size in SIZES}
    yield made
    for shop in made.values():
        shop.store.close()


def test_no_operation_asks_for_more_where_there_are_more_jobs(shops: dict[int, Shop]) -> None:
    found = {size: figures(shop) for size, shop in shops.items()}

    few = {name: cost.figures for name, cost in found[SIZES[0]].items()}
    for size in SIZES[1:]:
        assert {name: cost.figures for name, cost in found[size].items()} == few, size


def test_the_documentation_has_these_figures(shops: dict[int, Shop]) -> None:
    size = SIZES[0]

    assert table_of({size: figures(shops[size])}) in DOCUMENTATION.read_text()


def table_of(found: dict[int, dict[str, Cost]]) -> str:
    """The figures as Markdown: one line an operation, and where a size differs, its own."""
    lines = [
        "| operation | requests | read units | write units |",
        "|---|---:|---:|---:|",
    ]
    for name in next(iter(found.values())):
        costs = {size: costs[name].figures for size, costs in found.items()}
        differ = len(set(costs.values())) > 1
        for size, figures_ in costs.items() if differ else [next(iter(costs.items()))]:
            with_size = f" ({size:,} jobs)" if differ else ""
            lines.append(f"| {name}{with_size} | {' | '.join(map(str, figures_))} |")
    return "\n".join(lines)


def main(sizes: tuple[int, ...] = (*SIZES, LARGEST)) -> None:
    """Print the table of the documentation."""
    with running_aws():
        found: dict[int, dict[str, Cost]] = {}
        for size in sizes:
            shop = Shop(size)
            found[size] = figures(shop)
            shop.store.close()
            sys.stdout.write(f"{size:,} jobs: {len(found[size])} operations measured\n")
    sys.stdout.write(table_of(found) + "\n")


if __name__ == "__main__":
    main(tuple(map(int, sys.argv[1:])) or (*SIZES, LARGEST))

"""What a store on other machines does to a job, through real workers: it waits and goes on, pays
once, and says what is damaged.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from codybatch.domain.errors import BlobDamaged
from codybatch.domain.events import EventKind
from codybatch.domain.jobs import Job
from codybatch.domain.states import JobState, WaitingReason
from codybatch.standins.aws import AwsStandin
from codybatch.stores.aws.patience import USUAL
from tests.aws_edge import Asked, Edge, Lost, Refused
from tests.contracts.aws import AwsFixtures, name_of, store_of
from tests.worker.test_faults import asked, told, wait_for
from tests.worker.world import CLOCKS, World, world

pytestmark = pytest.mark.timeout(300)

NAMES = ["acme/calm", "acme/away", "acme/refused", "acme/lossy", "acme/altered"]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, aws: AwsStandin) -> Path:
    del aws
    place = tmp_path_factory.mktemp("store")
    store = store_of(place)
    store.create()
    store.close()
    return place


@pytest.fixture(scope="module")
def edge(aws: AwsStandin, place: Path) -> Iterator[Edge]:
    assert place.exists()
    with Edge(aws.endpoint).running() as edge:
        yield edge


@pytest.fixture(scope="module")
def w(edge: Edge, place: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with pytest.MonkeyPatch.context() as environment:
        for service in ("DYNAMODB", "S3"):
            environment.setenv(f"AWS_ENDPOINT_URL_{service}", edge.endpoint)
        names: dict[str, Any] = {"store": "aws", "table": name_of(place), "bucket": name_of(place)}
        folder = tmp_path_factory.mktemp("world")
        with world(folder, dict.fromkeys(NAMES, CLOCKS), max_parallel_jobs=1, **names) as opened:
            yield opened


@pytest.fixture(scope="module")
def calm(w: World) -> Job:
    """A job that nothing happened to."""
    (job,) = w.wait(w.submit("acme/calm"))
    assert job.state is JobState.SUCCEEDED, job
    return job


def is_reply(asked: Asked) -> bool:
    """A worker stores a reply of the model, which was paid for."""
    return asked.method == "PUT" and ".reply." in asked.path


def is_change(asked: Asked) -> bool:
    """A transaction of DynamoDB."""
    return asked.headers.get("x-amz-target", "").endswith(".TransactWriteItems")


def test_a_store_that_is_away_for_a_while_costs_no_reply(w: World, edge: Edge, calm: Job) -> None:
    edge.disturb(Refused(503, "SlowDown"), when=is_reply, times=USUAL.attempts + 1)

    (job,) = w.wait(w.submit("acme/away"))

    assert edge.unmet == []
    assert job.state is JobState.SUCCEEDED
    assert job.attempts == 1
    assert asked(w, "acme/away") == asked(w, "acme/calm")
    assert job.uncertain_cost_usd == 0
    assert job.patch
    assert calm.patch
    assert job.patch.blob.sha256 == calm.patch.blob.sha256


def test_a_store_that_refuses_us_makes_the_job_wait_with_what_to_do(
    w: World, edge: Edge, calm: Job
) -> None:
    edge.disturb(Refused(403, "AccessDenied"), when=is_reply)

    (submitted,) = w.submit("acme/refused").jobs
    waiting = wait_for(w, submitted, lambda job: job.state is JobState.WAITING)

    assert waiting.waiting
    assert waiting.waiting.reason is WaitingReason.THROTTLED
    assert "does not let us store" in waiting.waiting.detail
    assert waiting.fruitless_attempts == 0
    (line,) = told(w, waiting, EventKind.WAITING)
    assert "AccessDenied" in line

    assert w.app.store.records.put_back(waiting.id)
    w.app.engine.reconcile()
    ended = w.wait_for(waiting.id)

    assert ended.state is JobState.SUCCEEDED
    assert ended.patch
    assert calm.patch
    assert ended.patch.blob.sha256 == calm.patch.blob.sha256


@pytest.mark.usefixtures("calm")
def test_lost_answers_of_the_table_count_nothing_twice(w: World, edge: Edge) -> None:
    before = w.app.store.records.job_counts().succeeded
    edge.disturb(
        Lost(),
        when=lambda asked: is_change(asked) and edge.count(is_change) % 3 == 0,
        times=1000,
    )

    (job,) = w.wait(w.submit("acme/lossy"))
    lost = 1000 - len(edge.unmet)
    edge.clear()

    assert lost > 3
    assert job.state is JobState.SUCCEEDED
    assert job.attempts == 1
    assert job.uncertain_cost_usd == 0
    assert asked(w, "acme/lossy") == asked(w, "acme/calm")
    assert len(told(w, job, EventKind.ENDED)) == 1
    assert w.app.store.records.job_counts().succeeded == before + 1
    assert w.app.store.records.request(job.request).budget.spent_usd == job.cost_usd


def test_a_patch_that_somebody_altered_in_the_bucket_is_not_shown(w: World, place: Path) -> None:
    (job,) = w.wait(w.submit("acme/altered"))
    assert job.patch

    AwsFixtures.tamper(place, job.patch.blob, 3)

    with pytest.raises(BlobDamaged, match="Somebody changed it in the bucket"):
        w.app.jobs.patch(job.id)

"""Where experiments stand in DynamoDB, and what is asked of it for them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from boto3.session import Session

from codybatch.domain.experiments import MAX_REPOSITORIES, Experiment, ExperimentState
from codybatch.domain.threads import BlobRef
from codybatch.ports import PageRequest
from codybatch.standins.aws import AwsStandin
from codybatch.stores.aws import AwsStore, creation, keys
from codybatch.stores.aws.items import Item, size_of
from tests.benchmarks.capacity import Meter
from tests.contracts.aws import name_of
from tests.contracts.examples import NOON, a_request, jobs_of, minutes
from tests.contracts.experiment_examples import a_cell, a_pinned_repository, an_experiment


@pytest.fixture
def measured() -> Session:
    """The SDK's: its clients have what is registered before they are made."""
    return Session()


@pytest.fixture
def meter(tmp_path: Path, aws: AwsStandin, measured: Session) -> Meter:
    del aws
    return Meter(measured, name_of(tmp_path))


@pytest.fixture
def store(tmp_path: Path, measured: Session, meter: Meter) -> Iterator[AwsStore]:
    del meter
    store = AwsStore(name_of(tmp_path), name_of(tmp_path), measured)
    store.create()
    yield store
    store.close()


def a_large_one() -> Experiment:
    digests = [hashlib.sha512(b"%d" % number).hexdigest() for number in range(MAX_REPOSITORIES)]
    return an_experiment(
        repositories=tuple(
            a_pinned_repository(
                f"acme/{digest[:30]}",
                commit=digest[:40],
                reference=BlobRef(key=f"patches/{digest[:64]}", size=9_000, sha256=digest[64:]),
            )
            for digest in digests
        )
    )


def item_of(store: AwsStore, experiment: Experiment) -> Item:
    item = store.records._table.get(keys.experiment(experiment.id))
    assert item
    return item


def test_the_text_of_a_large_one_stands_in_the_bucket(store: AwsStore) -> None:
    stored = store.records.put_experiment(a_large_one())

    item = item_of(store, stored)

    assert "doc_at" in item.attributes
    assert size_of(item.key, item.attributes) < 1_024
    assert store.records.experiment(stored.id) == stored


def test_pausing_or_removing_a_large_one_reads_nothing_of_the_bucket(store: AwsStore) -> None:
    stored = store.records.put_experiment(a_large_one())
    client = store._bucket.client
    asked: list[str] = []
    client.meta.events.register(
        "provide-client-params.s3.GetObject", lambda **_: asked.append("GetObject")
    )

    paused = store.records.put_experiment(stored.with_(state=ExperimentState.PAUSED))
    store.records.remove_experiment(paused.id)

    assert asked == []


def test_what_is_asked_does_not_depend_on_how_many_there_are(store: AwsStore, meter: Meter) -> None:
    records = store.records
    stored = records.put_experiment(an_experiment())

    def figures() -> dict[str, tuple[int, int, int]]:
        nonlocal stored
        found = {}
        acts: dict[str, Callable[[], object]] = {
            "one": lambda: records.experiment(stored.id),
            "active": records.active_experiments,
            "page": lambda: records.experiments(PageRequest(limit=2)),
        }
        for name, act in acts.items():
            with meter.running() as cost:
                act()
            found[name] = cost.figures
        for state in (ExperimentState.PAUSED, ExperimentState.RUNNING, ExperimentState.WAITING):
            with meter.running() as cost:
                stored = records.put_experiment(stored.with_(state=state))
            found[state] = cost.figures
        return found

    for number in range(1, 4):
        records.put_experiment(an_experiment(NOON + minutes(number), state=ExperimentState.ENDED))
    few = figures()
    for number in range(4, 60):
        records.put_experiment(an_experiment(NOON + minutes(number), state=ExperimentState.PAUSED))

    assert figures() == few
    assert few["one"] == (1, 1, 0)
    assert few["active"] == (2, 2, 0)
    assert few["paused"] == few["running"] == (2, 1, 4)
    assert few["waiting"] == (2, 1, 2)


def test_only_a_request_of_an_experiment_writes_an_entry_more() -> None:
    plain, cell = a_request(), a_cell()
    of_cell = a_request(origin=plain.origin.with_(cell=cell))

    without = creation.entries(plain, jobs_of(plain))
    within = creation.entries(of_cell, jobs_of(of_cell, cell=cell))

    assert len(within) == len(without) + 1
    assert within[-1].key.pk == f"L#EXPERIMENT#{cell.experiment}"
    assert not any("EXPERIMENT" in entry.key.pk for entry in without)

"""What the doctor sees of AWS Batch: a queue, its machines and a job definition."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from codybatch.clock import SystemClock
from codybatch.engines.aws_batch import BatchPlace
from codybatch.engines.aws_batch.inspection import BatchLook
from codybatch.ports.cloud import BucketFacts, CloudIdentity, TableFacts
from codybatch.services.doctor import Finding, Health
from codybatch.services.doctor.cloud import account
from codybatch.standins.batch import BatchStandin, Catalogue, Host
from tests.aws_edge import Answer, Asked, Edge, Fault, RefusedInJson
from tests.unit.services.doctor.conftest import MakePatient

QUEUE, DEFINITION = "a-queue", "a-definition"


class FineAccount:
    """An account where all is well: what stands beside the queue is not asked here."""

    def identity(self) -> CloudIdentity:
        return CloudIdentity("1", "arn:aws:iam::1:role/tester", "eu-central-1")

    def table(self) -> TableFacts:
        return TableFacts("t", True, ("pk S",), ("pk S",), "ttl", "ttl")

    def bucket(self) -> BucketFacts:
        return BucketFacts("b", is_shut=True, is_public=False)


class Changed(Fault):
    """A true answer with other words in it."""

    def __init__(self, noun: str, **changes: Any) -> None:
        self.noun = noun
        self.changes = changes

    def answer(self, ask: Any) -> Answer:
        whole: Answer = ask()
        told = json.loads(whole.body)
        told[self.noun] = [{**one, **self.changes} for one in told[self.noun]]
        return whole._replace(body=json.dumps(told).encode())


class Invented(Fault):
    """What another service would have said."""

    def __init__(self, **told: Any) -> None:
        self.told = told

    def answer(self, ask: Any) -> Answer:
        del ask
        return Answer(200, {"Content-Type": "application/json"}, json.dumps(self.told).encode())


def asking(operation: str) -> Any:
    def fits(asked: Asked) -> bool:
        return asked.path == f"/v1/{operation.lower()}"

    return fits


@pytest.fixture
def batch(tmp_path: Path) -> Iterator[BatchStandin]:
    catalogue = Catalogue.of("eu-central-1", QUEUE, DEFINITION, "worker")
    with BatchStandin(Host(("true",), {}, tmp_path), catalogue) as running:
        yield running


@pytest.fixture
def edge(batch: BatchStandin, monkeypatch: pytest.MonkeyPatch) -> Iterator[Edge]:
    with Edge(batch.url).running() as edge:
        for name, value in {
            "AWS_ENDPOINT_URL_BATCH": edge.endpoint,
            "AWS_ACCESS_KEY_ID": "standin",
            "AWS_SECRET_ACCESS_KEY": "planted-secret-key",
            "AWS_REGION": "eu-central-1",
        }.items():
            monkeypatch.setenv(name, value)
        monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
        yield edge


@pytest.fixture
def seen(patient: MakePatient, edge: Edge) -> Any:
    """Looks; gives the findings by their check."""
    del edge

    def look(queue: str = QUEUE, definition: str = DEFINITION) -> dict[str, Finding]:
        place = BatchLook(BatchPlace(queue, definition), SystemClock())
        looked = patient(store_look=FineAccount(), queue_look=place, runs_here=False)
        return {finding.check: finding for finding in account(looked)}

    return look


def test_all_is_well_where_queue_and_definition_are_as_they_were_deployed(seen: Any) -> None:
    found = seen()

    assert {finding.health for finding in found.values()} == {Health.OK}
    assert found["job queue"].detail == "a-queue is enabled"
    assert found["job definition"].detail == "a-definition:1 is active"


@pytest.mark.parametrize("name", [f"{DEFINITION}:1", f"{DEFINITION}:2", DEFINITION])
def test_a_definition_is_found_by_name_and_by_revision(
    seen: Any, batch: BatchStandin, name: str
) -> None:
    batch.catalogue.register(DEFINITION)

    detail = seen(definition=name)["job definition"].detail

    assert detail == f"{name if ':' in name else f'{DEFINITION}:2'} is active"


def test_what_is_not_there_is_told_with_the_variable_that_names_it(seen: Any) -> None:
    found = seen(queue="no-queue", definition="no-definition")

    assert found["job queue"].health is found["job definition"].health is Health.FAILED
    assert "no-queue" in found["job queue"].detail
    assert "CODYBATCH_JOB_QUEUE" in found["job queue"].mend
    assert "no-definition" in found["job definition"].detail
    assert "CODYBATCH_JOB_DEFINITION" in found["job definition"].mend


def test_a_queue_that_is_disabled_is_a_failure_with_the_command_that_enables_it(
    seen: Any, batch: BatchStandin
) -> None:
    batch.enable(QUEUE, enabled=False)

    found = seen()["job queue"]

    assert found.health is Health.FAILED
    assert found.mend == "aws batch update-job-queue --job-queue a-queue --state ENABLED"


def test_a_queue_that_is_not_valid_is_told_in_the_words_of_aws(seen: Any, edge: Edge) -> None:
    invalid = Changed("jobQueues", status="INVALID", statusReason="no compute environment.")
    edge.disturb(invalid, when=asking("DescribeJobQueues"))

    found = seen()["job queue"]

    assert found.health is Health.FAILED
    assert found.detail == "a-queue is not valid: INVALID (no compute environment)."


@pytest.mark.parametrize(
    ("machines", "said"),
    [
        ({"state": "DISABLED", "status": "VALID"}, "spot starts nothing: it is disabled."),
        (
            {"state": "ENABLED", "status": "INVALID", "statusReason": "bad subnet"},
            "spot starts nothing: INVALID (bad subnet).",
        ),
        ({"state": "ENABLED", "status": "VALID"}, None),
    ],
)
def test_machines_that_start_nothing_are_a_warning(
    seen: Any, edge: Edge, machines: dict[str, str], said: str | None
) -> None:
    order = [{"order": 1, "computeEnvironment": "spot"}]
    edge.disturb(
        Changed("jobQueues", computeEnvironmentOrder=order), when=asking("DescribeJobQueues")
    )
    told = [{"computeEnvironmentName": "spot", "computeEnvironmentArn": "a", **machines}]
    edge.disturb(Invented(computeEnvironments=told), when=asking("DescribeComputeEnvironments"))

    found = seen()

    assert found["job queue"].health is Health.OK
    if said is None:
        assert "machines" not in found
    else:
        assert (found["machines"].health, found["machines"].detail) == (Health.WARNING, said)


def test_who_may_not_look_is_told_which_right_is_missing(seen: Any, edge: Edge) -> None:
    denied = RefusedInJson(403, "AccessDeniedException", "not authorized")
    denied.headers = {"x-amzn-errortype": "AccessDeniedException"}
    edge.disturb(denied, when=asking("DescribeJobQueues"))

    found = seen()

    assert found["job queue"].health is Health.FAILED
    assert "batch:DescribeJobQueues" in found["job queue"].detail
    assert "planted" not in repr(found)
    assert found["job definition"].health is Health.OK

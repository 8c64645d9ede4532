"""What goes wrong with AWS itself while jobs run on it: keys that expire, throttling, what is not
there. A job waits or goes on, nothing is lost or paid twice, and what is told says what to do.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from codybatch.domain.events import EventKind
from codybatch.domain.jobs import Job
from codybatch.domain.publication import PublicationKind, PublishMode
from codybatch.domain.states import JobState
from codybatch.ports import Partition, PartitionKind
from codybatch.standins.anthropic import Fault
from codybatch.standins.aws import AwsStandin
from codybatch.standins.batch import Status
from tests.aws_edge import Edge, RefusedInJson
from tests.aws_edge import Fault as NetworkFault
from tests.cli_kit import call, run
from tests.cloud_kit import CloudWorld, cloud_world, looks_later, only_container_of
from tests.worker.world import CLOCKS

pytestmark = [pytest.mark.timeout(300), pytest.mark.usefixtures("aws")]

FIRST, SECOND, THIRD = NAMES = ("acme/one", "acme/two", "acme/three")
SECONDS = 100
EXPIRED = RefusedInJson(400, "ExpiredTokenException", "The security token has expired")
THROTTLED = RefusedInJson(400, "ThrottlingException", "Rate exceeded")


@pytest.fixture(scope="module")
def edge(aws: AwsStandin) -> Iterator[Edge]:
    with Edge(aws.endpoint).running() as edge:
        yield edge


@pytest.fixture(scope="module")
def c(edge: Edge, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CloudWorld]:
    """A cloud between whose containers and DynamoDB something may go wrong."""
    variables = {"AWS_ENDPOINT_URL_DYNAMODB": edge.endpoint}
    folder = tmp_path_factory.mktemp("faults")
    with cloud_world(folder, dict.fromkeys(NAMES, CLOCKS), variables=variables) as opened:
        yield opened


@pytest.fixture(scope="module")
def calm(c: CloudWorld) -> Job:
    """A job that nothing happened to."""
    (job,) = c.world.wait(c.world.submit(FIRST, publish=PublishMode.DRAFT))
    assert job.state is JobState.SUCCEEDED
    return job


def held(c: CloudWorld, repository: str, turn: int) -> Job:
    """A job whose model is about to answer."""
    words = f"name: {repository}\\n"
    c.world.model.faults.add(
        Fault(kind="hold", turn=turn, after_events=1, gate=repository, containing=words)
    )
    (job,) = c.world.submit(repository, publish=PublishMode.DRAFT).jobs
    assert c.world.model.gates.wait_until_held(repository, seconds=SECONDS)
    return job


def asked(c: CloudWorld, repository: str) -> int:
    """How often the model was asked for a repository."""
    words = f"name: {repository}\\n".encode()
    return sum(words in exchange.body for exchange in c.world.model.requests)


def always(edge: Edge, fault: NetworkFault) -> None:
    """Let every request meet a fault, until ``edge.clear``."""
    edge.disturb(fault, times=10_000)


@pytest.mark.usefixtures("calm")
def test_keys_that_expire_while_a_job_runs_end_no_job_and_cost_no_reply(
    c: CloudWorld, edge: Edge
) -> None:
    job = held(c, SECOND, turn=2)
    always(edge, EXPIRED)
    c.world.model.gates.open(SECOND)
    container = only_container_of(c, job)
    assert c.batch.wait_until(lambda: container.status is Status.FAILED, SECONDS)
    assert c.world.app.jobs.find(job.id).state is JobState.RUNNING  # nobody could write anything

    edge.clear()
    looks_later(c.world, timedelta(minutes=3))
    ended = c.world.wait_for(job.id)

    assert ended.state is JobState.SUCCEEDED, ended.ended_detail
    assert ended.publication.kind is PublicationKind.PULL_REQUEST
    assert asked(c, SECOND) == asked(c, FIRST)
    assert ended.uncertain_cost_usd == 0
    told = [event.text for event in c.world.app.jobs.events(job.id)]
    assert any("AWS Batch ended the worker" in text for text in told)
    assert sum("cancelled" in text for text in told) == 0
    log = c.batch.log_of(container.id)
    assert "the AWS credentials are missing, wrong or expired (ExpiredTokenException" in log


@pytest.mark.usefixtures("calm")
def test_a_table_that_throttles_for_a_while_costs_neither_an_attempt_nor_a_reply(
    c: CloudWorld, edge: Edge
) -> None:
    job = held(c, THIRD, turn=1)
    edge.disturb(THROTTLED, times=9)
    c.world.model.gates.open(THIRD)

    ended = c.world.wait_for(job.id)

    assert edge.unmet == []
    assert (ended.state, ended.attempts) == (JobState.SUCCEEDED, 1)
    assert asked(c, THIRD) == asked(c, FIRST)
    assert "asking again in" in c.batch.log_of(only_container_of(c, job).id)
    events = c.world.app.jobs.events(job.id)
    assert sum(event.kind is EventKind.ENDED for event in events) == 1


WRONG: dict[str, tuple[dict[str, str], int, str]] = {
    "no such table": (
        {"CODYBATCH_TABLE": "not-there"},
        2,
        "region eu-central-1 of this account. Check CODYBATCH_TABLE and AWS_REGION",
    ),
    "another region": (
        {"AWS_REGION": "us-west-2", "AWS_DEFAULT_REGION": "us-west-2"},
        2,
        "in the region us-west-2 of this account",
    ),
    "no region": (
        {"AWS_REGION": "", "AWS_DEFAULT_REGION": ""},
        2,
        "Set AWS_REGION",
    ),
    "no credentials": (
        {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_EC2_METADATA_DISABLED": "true"},
        3,
        "the AWS credentials are missing, wrong or expired",
    ),
    "no such profile": ({"AWS_PROFILE": "not-there"}, 3, "not-there"),
    "an address that is none": (
        {"AWS_ENDPOINT_URL_DYNAMODB": "dynamodb"},
        2,
        "AWS_ENDPOINT_URL_DYNAMODB",
    ),
}


@pytest.mark.parametrize(("changes", "status", "said"), WRONG.values(), ids=list(WRONG))
@pytest.mark.parametrize("words", [("jobs", "list"), ("submit", "-r", FIRST)], ids=" ".join)
def test_what_is_set_up_wrongly_is_told_in_one_sentence(
    c: CloudWorld,
    tmp_path: Path,
    words: tuple[str, ...],
    changes: dict[str, str],
    status: int,
    said: str,
) -> None:
    prompt = tmp_path / "prompt.md"
    prompt.write_text("Change a line.\n")
    environment = {**c.world.settings.as_environment(), **changes}
    given = (*words, "--prompt-file", str(prompt)) if words[0] == "submit" else words

    done = run(*given, environment={name: value for name, value in environment.items() if value})

    assert done.status == status, done.err
    assert said in done.sentence
    assert c.world.settings.as_environment()["AWS_SECRET_ACCESS_KEY"] not in done.err


@pytest.mark.usefixtures("calm")
def test_a_queue_that_is_not_there_keeps_the_request_and_the_next_tick_runs_it(
    c: CloudWorld,
) -> None:
    environment = {**c.world.settings.as_environment(), "CODYBATCH_JOB_QUEUE": "not-there"}
    words = ("submit", "utcnow", "-r", FIRST, "--idempotency-key", "no-queue")

    done = call(*words, environment=environment)

    assert done.status == 1
    assert "There is no job queue not-there in the region eu-central-1" in done.sentence
    queued = Partition(PartitionKind.STATE, JobState.QUEUED)
    (job,) = c.world.app.jobs.list(queued).items
    looks_later(c.world, timedelta(minutes=3))
    ended = c.world.wait_for(job.id)
    assert (ended.state, ended.attempts) == (JobState.SUCCEEDED, 1)
    again = call(*words, environment=c.world.settings.as_environment())
    assert again.status == 0
    assert job.id in again.text

"""AWS's credentials are in the variables of those processes that ask AWS, and of no other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from codybatch.aws_settings import AWS_SECRETS
from codybatch.domain.states import JobState
from codybatch.standins.anthropic import Fault
from tests.cli_kit import call
from tests.cloud_kit import PROGRAM, CloudWorld, cloud_world
from tests.worker.world import CLOCKS

pytestmark = [pytest.mark.timeout(300), pytest.mark.usefixtures("aws")]

PLANTED = {
    "AWS_SESSION_TOKEN": "planted-session-token-5f1c",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN": "planted-container-token-77aa",
    "AWS_BEARER_TOKEN_BEDROCK": "planted-bearer-0c44",
}
"""The last one is a key of a service that is never asked."""
GATE = "held"


@pytest.fixture(scope="module")
def c(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CloudWorld]:
    with pytest.MonkeyPatch.context() as variables:
        for name, value in PLANTED.items():
            variables.setenv(name, value)
        folder = tmp_path_factory.mktemp("credentials")
        with cloud_world(folder, {"acme/clocks": CLOCKS}, program=PROGRAM) as opened:
            yield opened


@pytest.fixture(scope="module")
def processes(c: CloudWorld) -> dict[str, dict[str, str]]:
    """The variables of the worker and of its conversation, while the model is waited for."""
    c.world.model.faults.add(Fault(kind="hold", turn=1, after_events=1, gate=GATE))
    created = c.world.submit("acme/clocks")
    assert c.world.model.gates.wait_until_held(GATE, seconds=100)
    (pid,) = c.batch.pids().values()
    worker = psutil.Process(pid)
    (conversation,) = worker.children()
    seen = {"worker": worker.environ(), "conversation": conversation.environ()}
    assert "converse" in conversation.cmdline()
    arguments = [*worker.cmdline(), *conversation.cmdline()]
    c.world.model.gates.open(GATE)
    (job,) = c.world.wait(created)
    assert job.state is JobState.SUCCEEDED
    assert not [word for word in arguments if "planted" in word]
    return seen


def test_a_worker_has_what_asks_aws_and_no_key_of_another_service(
    processes: dict[str, dict[str, str]],
) -> None:
    worker = processes["worker"]

    assert worker["AWS_SESSION_TOKEN"] == PLANTED["AWS_SESSION_TOKEN"]
    assert worker["AWS_ENDPOINT_URL_DYNAMODB"].startswith("http://127.0.0.1:")
    assert "AWS_BEARER_TOKEN_BEDROCK" not in worker


def test_the_conversation_has_nothing_of_aws(processes: dict[str, dict[str, str]]) -> None:
    conversation = processes["conversation"]

    assert [name for name in conversation if name.startswith(("AWS_", "ECS_"))] == []
    assert not any("planted" in value for value in conversation.values())
    stores = ("CODYBATCH_TABLE", "CODYBATCH_BUCKET", "CODYBATCH_JOB_QUEUE")
    assert [name for name in stores if name in conversation] == []


def test_no_record_and_no_thread_and_no_log_holds_a_secret(
    c: CloudWorld, processes: dict[str, dict[str, str]]
) -> None:
    secrets = [processes["worker"][name] for name in AWS_SECRETS if name in processes["worker"]]
    app = c.world.app
    (job,) = app.jobs.list().items
    thread = list(app.jobs.thread(job.id))
    kept = repr([app.jobs.find(job.id), app.jobs.events(job.id), thread, c.logs()])

    assert len(secrets) > 2
    assert thread
    assert not [secret for secret in secrets if secret in kept]


def test_no_command_shows_one(
    c: CloudWorld, processes: dict[str, dict[str, str]], tmp_path: Path
) -> None:
    secrets = [processes["worker"][name] for name in AWS_SECRETS if name in processes["worker"]]
    environment = {**c.world.settings.as_environment(), "CODYBATCH_HOME": str(tmp_path)}
    for words in (("doctor", "--json"), ("-v", "jobs", "list"), ("dispatcher", "status")):
        done = call(*words, environment=environment)
        shown = done.out + done.err.encode()

        assert shown
        assert not [secret for secret in secrets if secret.encode() in shown], words

"""The API's limits, lists, errors and events are AWS's."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError

from codybatch.standins.batch import BatchStandin, EventSink, Status, faults
from codybatch.standins.loopback import Answer, LoopbackServer, Request
from tests.unit.standins.batch.shell import DEFINITION, LISTENING, QUEUE, Shell

REFUSED: dict[str, dict[str, Any]] = {
    "Job name should match": {"jobName": "-begins-with-a-hyphen"},
    "Job name should": {"jobName": "n" * 129},
    "JobQueue other not found": {"jobQueue": "other"},
    "JobDefinition other not found": {"jobDefinition": "other"},
    "Array size must be between 2 and 10000": {"arrayProperties": {"size": 1}},
    "Array size must be between 2": {"arrayProperties": {"size": 10_001}},
    "Timeout should be at least 60": {"timeout": {"attemptDurationSeconds": 59}},
    "Retry attempts must be between 1 and 10": {"retryStrategy": {"attempts": 11}},
    "evaluateOnExit requires attempts": {
        "retryStrategy": {"evaluateOnExit": [{"onReason": "*", "action": "EXIT"}]}
    },
    "at most 5 evaluateOnExit rules": {
        "retryStrategy": {
            "attempts": 2,
            "evaluateOnExit": [{"onReason": "*", "action": "EXIT"}] * 6,
        }
    },
    "holds a character that is not allowed": {
        "retryStrategy": {
            "attempts": 2,
            "evaluateOnExit": [{"onExitCode": "1x", "action": "EXIT"}],
        }
    },
    "do not have the form": {"ecsPropertiesOverride": {"taskProperties": []}},
}


@pytest.mark.parametrize(("said", "given"), list(REFUSED.items()), ids=list(REFUSED))
def test_what_aws_refuses_is_refused(shell: Shell, said: str, given: dict[str, Any]) -> None:
    refusal = shell.refusal(**given)

    assert refusal.startswith("ClientException: ")
    assert said in refusal
    assert not shell.batch.submissions()


def test_overrides_that_are_too_long_are_taken_and_fail(shell: Shell) -> None:
    job = shell.ended(shell.submit("x" * 8192))

    assert job.status is Status.FAILED
    assert job.status_reason == "Container Overrides length must be at most 8192"
    assert not job.attempts


def test_another_region_knows_neither_queue_nor_job(shell: Shell) -> None:
    job = shell.submit()
    elsewhere = shell.client_of("us-east-1")

    with pytest.raises(ClientError, match="not found"):
        elsewhere.list_jobs(jobQueue=QUEUE)
    assert elsewhere.describe_jobs(jobs=[job.id])["jobs"] == []
    assert elsewhere.describe_job_queues(jobQueues=[QUEUE])["jobQueues"] == []


def test_a_disabled_queue_takes_no_jobs(shell: Shell) -> None:
    shell.batch.enable(QUEUE, enabled=False)

    assert "ENABLED" in shell.refusal()
    (told,) = shell.client.describe_job_queues(jobQueues=[QUEUE])["jobQueues"]
    assert told["state"] == "DISABLED"


def test_an_unknown_key_is_refused(shell: Shell) -> None:
    shell.batch.access_keys = frozenset({"known"})

    assert shell.refusal().startswith("UnrecognizedClientException: ")


def test_a_definition_with_ecs_properties_is_overridden_and_told_by_them(shell: Shell) -> None:
    container = {"name": "main", "image": "image", "command": ["echo default"]}
    properties: Any = {"taskProperties": [{"containers": [container]}]}
    made = shell.client.register_job_definition(
        jobDefinitionName="ecs",
        type="container",
        ecsProperties=properties,
    )
    override: Any = {"taskProperties": [{"containers": [{"name": "main", "command": ["exit 5"]}]}]}
    answer = shell.client.submit_job(
        jobName="job", jobQueue=QUEUE, jobDefinition="ecs", ecsPropertiesOverride=override
    )
    job = shell.ended(shell.batch.job(answer["jobId"]))

    told = shell.told(job)
    assert made["revision"] == 1
    (one,) = told["ecsProperties"]["taskProperties"][0]["containers"]
    assert (one["name"], one["exitCode"]) == ("main", 5)
    assert told["attempts"][0]["taskProperties"][0]["containers"][0]["exitCode"] == 5
    assert "container" not in told
    override["taskProperties"][0]["containers"][0]["name"] = "other"
    refusal = shell.refusal(jobDefinition="ecs", ecsPropertiesOverride=override)
    assert "one container, main" in refusal


class TestListing:
    @pytest.fixture
    def idle(self, shell: Shell) -> Shell:
        shell.batch.set_parallel(0)
        return shell

    def names(self, shell: Shell, **query: Any) -> list[str]:
        pages = shell.client.get_paginator("list_jobs").paginate(jobQueue=QUEUE, **query)
        return [one["jobName"] for page in pages for one in page["jobSummaryList"]]

    def wait(self, shell: Shell, count: int) -> None:
        assert shell.batch.wait_until(lambda: shell.batch.count(Status.RUNNABLE) == count)

    def test_a_status_is_listed_newest_first_in_pages(self, idle: Shell) -> None:
        for index in range(5):
            idle.submit(name=f"n{index}")
        self.wait(idle, 5)

        listed = self.names(
            idle, jobStatus="RUNNABLE", PaginationConfig={"PageSize": 2, "MaxItems": None}
        )

        assert listed == ["n4", "n3", "n2", "n1", "n0"]
        assert self.names(idle) == []  # RUNNING, where nothing is said

    def test_a_name_is_found_in_any_case_and_status_and_by_its_beginning(self, idle: Shell) -> None:
        for name in ("cody-a-1", "cody-a-2", "other"):
            idle.submit(name=name)
        self.wait(idle, 3)

        def found(value: str) -> list[str]:
            filters: Any = [{"name": "JOB_NAME", "values": [value]}]
            return self.names(idle, filters=filters, jobStatus="FAILED")

        assert found("CODY-A-1") == ["cody-a-1"]
        assert found("cody-a-*") == ["cody-a-2", "cody-a-1"]
        assert found("cody-a") == []

    def test_an_arrays_children_are_listed_apart(self, idle: Shell) -> None:
        array = idle.submit(arrayProperties={"size": 1500})
        self.wait(idle, 1500)

        first = idle.client.list_jobs(arrayJobId=array.id, jobStatus="RUNNABLE")
        rest = idle.client.list_jobs(
            arrayJobId=array.id, jobStatus="RUNNABLE", nextToken=first["nextToken"]
        )

        assert [len(page["jobSummaryList"]) for page in (first, rest)] == [1000, 500]
        assert "nextToken" not in rest
        assert first["jobSummaryList"][3]["jobId"] == f"{array.id}:3"
        assert self.names(idle, jobStatus="PENDING") == ["job"]

    def test_the_token_of_another_list_is_refused(self, idle: Shell) -> None:
        for _ in range(2):
            idle.submit()
        self.wait(idle, 2)
        token = idle.client.list_jobs(jobQueue=QUEUE, jobStatus="RUNNABLE", maxResults=1)

        with pytest.raises(ClientError, match="nextToken"):
            idle.client.list_jobs(jobQueue=QUEUE, jobStatus="FAILED", nextToken=token["nextToken"])

    def test_pages_and_descriptions_have_awss_limits(self, idle: Shell) -> None:
        filters: Any = [{"name": "JOB_NAME", "values": ["x"]}]
        with pytest.raises(ClientError, match="between 1 and 100"):
            idle.client.list_jobs(jobQueue=QUEUE, filters=filters, maxResults=101)
        with pytest.raises(ClientError, match="1 to 100"):
            idle.client.describe_jobs(jobs=["x"] * 101)
        with pytest.raises(ClientError, match="one of"):
            idle.client.list_jobs(jobStatus="RUNNING")


class TestFaults:
    def test_an_answer_is_lost_after_the_job_was_submitted(self, shell: Shell) -> None:
        shell.batch.faults.add(faults.answer_lost("SubmitJob"))

        with pytest.raises(ConnectionClosedError):
            shell.submit()

        assert len(shell.batch.submissions()) == 1

    @pytest.mark.parametrize("after_acting", [False, True])
    def test_a_server_error_comes_before_or_after(self, shell: Shell, after_acting: bool) -> None:
        shell.batch.faults.add(faults.server_error("SubmitJob", after_acting=after_acting))

        with pytest.raises(ClientError) as raised:
            shell.submit()

        assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500
        assert len(shell.batch.submissions()) == int(after_acting)

    def test_refusals_have_awss_names(self, shell: Shell) -> None:
        shell.batch.faults.add(
            faults.throttled("SubmitJob"), faults.denied("SubmitJob"), faults.token_expired()
        )

        assert [shell.refusal().partition(":")[0] for _ in range(3)] == [
            "TooManyRequestsException",
            "AccessDeniedException",
            "ExpiredTokenException",
        ]
        assert shell.refusal() == ""


class TestEvents:
    def test_each_change_of_state_is_told_in_eventbridges_shape(self, shell: Shell) -> None:
        seen: list[dict[str, Any]] = []
        shell.batch.send_events(EventSink(seen.append))

        job = shell.ended(shell.submit("exit 3"))
        wait_for(seen, "FAILED")

        states = [event["detail"]["status"] for event in seen]
        assert states == ["PENDING", "RUNNABLE", "STARTING", "RUNNING", "FAILED"]
        last = seen[-1]
        assert (last["source"], last["detail-type"]) == ("aws.batch", "Batch Job State Change")
        assert last["resources"] == [f"arn:aws:batch:eu-central-1:123456789012:job/{job.id}"]
        assert last["detail"]["container"]["exitCode"] == 3

    def test_events_come_twice_and_in_another_order_where_that_is_asked_for(
        self, shell: Shell
    ) -> None:
        seen: list[dict[str, Any]] = []
        shell.batch.send_events(EventSink(seen.append, copies=2, is_reversed=True))

        shell.ended(shell.submit())
        wait_for(seen, "PENDING", count=2)

        states = [event["detail"]["status"] for event in seen]
        assert states[:2] == ["SUCCEEDED", "SUCCEEDED"]
        assert states[-2:] == ["PENDING", "PENDING"]

    def test_a_listener_that_fails_stops_nothing(self, shell: Shell) -> None:
        def fail(event: dict[str, Any]) -> None:
            raise RuntimeError(event["id"])

        sink = EventSink(fail)
        shell.batch.send_events(sink)

        shell.ended(shell.submit())
        shell.batch.send_events(None)

        assert sink.failures


class TestProcess:
    @pytest.fixture
    def process(self, tmp_path: Path) -> Iterator[Shell]:
        """A client of the stand-in as a process, with the address in place of the stand-in."""
        (tmp_path / "environment.json").write_text('{"GREETING": "hello", "PATH": "/bin"}')
        arguments = ["--entry-point", "/bin/sh -c", "--logs", str(tmp_path / "logs")]
        arguments += ["--environment-file", str(tmp_path / "environment.json")]
        arguments += ["--queue", QUEUE, "--definition", DEFINITION, "--container", ""]
        child = subprocess.Popen(
            [sys.executable, "-m", "codybatch.standins.batch", *arguments],
            stdout=subprocess.PIPE,
            text=True,
        )
        with child:
            assert child.stdout is not None
            url = child.stdout.readline().strip()
            yield Shell(_At(url))
            child.terminate()
        assert child.returncode == 0

    def order(self, process: Shell, what: str, **body: Any) -> Any:
        return _ask(f"{process.batch.url}/_standin/{what}", body or None)

    def test_it_runs_jobs_and_takes_orders_over_http(self, process: Shell) -> None:
        events: list[Any] = []
        came = threading.Event()

        def listen(request: Request) -> Answer:
            events.append(json.loads(request.read()))
            if events[-1]["detail"]["status"] == "SUCCEEDED":
                came.set()
            return Answer()

        with LoopbackServer(listen) as listener:
            self.order(process, "events", url=listener.url)
            self.order(process, "parallel", jobs=1)
            job = process.client.submit_job(
                jobName="job",
                jobQueue=QUEUE,
                jobDefinition=DEFINITION,
                containerOverrides={"command": ["echo $GREETING"]},
            )["jobId"]
            assert came.wait(60)
        assert self.order(process, f"logs?jobId={job}") == {"log": "hello\n"}
        (told,) = self.order(process, "jobs")
        assert (told["status"], told["attempts"], told["pid"]) == ("SUCCEEDED", 1, None)
        self.order(process, "forget", jobId=job)
        assert self.order(process, "jobs") == []

    def test_a_host_is_taken_away_over_http(self, process: Shell) -> None:
        job = process.client.submit_job(
            jobName="job",
            jobQueue=QUEUE,
            jobDefinition=DEFINITION,
            containerOverrides={"command": [LISTENING]},
        )["jobId"]
        while "up" not in self.order(process, f"logs?jobId={job}")["log"]:
            pass

        answer = self.order(process, "reclaim", jobId=job, how="FARGATE_SPOT")

        assert answer == {"reclaimed": True}
        while process.client.describe_jobs(jobs=[job])["jobs"][0]["status"] != "FAILED":
            pass


class _At(BatchStandin):
    """Stands for a stand-in in another process: its address is all that a client needs."""

    def __init__(self, url: str) -> None:
        self._at = url

    @property
    def url(self) -> str:
        return self._at


def _ask(url: str, body: Any = None) -> Any:
    request = urllib.request.Request(url, json.dumps(body).encode() if body else None)
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.loads(answer.read())


def wait_for(seen: list[dict[str, Any]], status: str, count: int = 1) -> None:
    """Wait until a status was told of so often."""
    waiting = threading.Event()
    for _ in range(400):
        if sum(event["detail"]["status"] == status for event in list(seen)) >= count:
            return
        waiting.wait(0.05)
    raise AssertionError(f"{status} was not told of")

"""Submitting a line of shell, and waiting for what becomes of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from boto3.session import Session
from botocore.config import Config
from botocore.exceptions import ClientError

from codybatch.standins.batch import BatchStandin, Status
from codybatch.standins.batch.jobs import BatchJob

if TYPE_CHECKING:
    from types_boto3_batch import BatchClient

REGION, QUEUE, DEFINITION = "eu-central-1", "queue", "definition"
DEAF = "trap '' TERM; echo up; while :; do sleep 0.05; done"
"""A command that takes no notice of SIGTERM."""
LISTENING = "trap 'echo bye; exit 9' TERM; echo up; while :; do sleep 0.05; done"


@dataclass
class Shell:
    """A stand-in with a client."""

    batch: BatchStandin

    @cached_property
    def client(self) -> BatchClient:
        return self.client_of(REGION)

    def client_of(self, region: str) -> BatchClient:
        return Session().client(
            "batch",
            endpoint_url=self.batch.url,
            region_name=region,
            aws_access_key_id="standin",
            aws_secret_access_key="standin",
            config=Config(retries={"total_max_attempts": 1}),
        )

    def submit(self, line: str = "true", name: str = "job", **given: Any) -> BatchJob:
        answer = self.client.submit_job(
            jobName=name,
            jobQueue=QUEUE,
            jobDefinition=DEFINITION,
            containerOverrides={"command": [line]},
            **given,
        )
        return self.batch.job(answer["jobId"])

    def ended(self, job: BatchJob) -> BatchJob:
        assert self.batch.wait_until(lambda: job.status.has_ended), job.status
        return job

    def up(self, job: BatchJob) -> BatchJob:
        """A job once its command has said so."""
        for _ in range(200):
            if "up" in self.batch.log_of(job.id):
                return job
            self.batch.wait_until(lambda: job.status is Status.FAILED, seconds=0.05)
        raise AssertionError(job.status)

    def told(self, job: BatchJob) -> Any:
        """What DescribeJobs says."""
        (told,) = self.client.describe_jobs(jobs=[job.id])["jobs"]
        return told

    def refusal(self, **given: Any) -> str:
        """Why SubmitJob refuses."""
        wanted: Any = {"jobName": "job", "jobQueue": QUEUE, "jobDefinition": DEFINITION, **given}
        try:
            self.client.submit_job(**wanted)
        except ClientError as error:
            return f"{error.response['Error']['Code']}: {error.response['Error']['Message']}"
        return ""

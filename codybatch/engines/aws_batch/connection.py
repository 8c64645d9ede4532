"""Calls to AWS Batch, each made again only where that is harmless.

SubmitJob has no client token, and the SDK would send it again after a lost answer; so the SDK sends
each call once. After a lost answer a submission is looked for by its name before it is sent again.
Sources: the API references of SubmitJob, DescribeJobs (100 jobs) and ListJobs (1,000 jobs a page,
100 with a filter, which takes no account of the status).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from random import SystemRandom
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

from botocore.config import Config
from botocore.exceptions import BotoCoreError

from codybatch.aws.region import session
from codybatch.domain.errors import EngineError
from codybatch.engines.aws_batch.answers import BatchJob
from codybatch.engines.aws_batch.console import log_address
from codybatch.engines.aws_batch.refusals import (
    AWS_ERRORS,
    AwsError,
    Effect,
    code_of,
    effect_of,
    explained,
)
from codybatch.engines.aws_batch.rules import BatchPlace
from codybatch.ports import Clock

if TYPE_CHECKING:
    from types_boto3_batch import BatchClient
    from types_boto3_batch.type_defs import SubmitJobRequestTypeDef

T = TypeVar("T")
log = logging.getLogger(__name__)

MOST_DESCRIBED = 100
CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 20.0
CALL_SECONDS = CONNECT_SECONDS + ANSWER_SECONDS
"""The longest that a call takes."""
TRYING_SECONDS = 30.0
"""How long a submission is tried: what fails later is left to the next sweep."""
SUBMITTING_SECONDS = TRYING_SECONDS + 2 * CALL_SECONDS
"""The longest until ``submit`` knows the id: a last try that began in time, and the search for what
became of it."""
CEILINGS = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds; the pause after each failure is drawn evenly from nothing to the next of them."""


class Connection:
    """AWS Batch for one queue and job definition; nothing is built or asked before the first call.

    Any thread may call.
    """

    def __init__(self, place: BatchPlace, clock: Clock) -> None:
        """Keep where jobs go, and whose time pauses take."""
        self.place = place
        self._clock = clock
        self._making = Lock()
        self._client: BatchClient | None = None

    def submit(self, order: SubmitJobRequestTypeDef) -> str:
        """Submit a job or an array once, whatever becomes of the answer; gives back its id, and
        that within SUBMITTING_SECONDS.

        Raises:
            EngineError: it was not submitted, as far as can be known.
        """
        until = self._clock.monotonic() + TRYING_SECONDS
        pauses, may_be_there = self._pauses(until), False
        while True:
            try:
                return self.client.submit_job(**order)["jobId"]
            except AWS_ERRORS as error:
                effect = effect_of(error)
                pause = next(pauses, None) if effect is not Effect.NONE_EVER else None
                if pause is not None:
                    self._pause(pause, "SubmitJob", error)
                may_be_there = may_be_there or effect is Effect.UNKNOWN
                if may_be_there and (found := self.find(order["jobName"], until)):
                    return found.id
                if pause is None:
                    raise self._refused(error, "SubmitJob") from error

    def find(self, name: str, until: float | None = None) -> BatchJob | None:
        """The newest job of the queue with this name; None where there is none.

        Args:
            name: the job's.
            until: a monotonic time after which Batch is asked once and not again.

        Raises:
            EngineError: AWS Batch cannot be asked.
        """
        wanted = [{"name": "JOB_NAME", "values": [name]}]
        for job in self._listed(until, jobQueue=self.place.queue, filters=wanted):
            if job.name == name:  # the filter takes no account of case
                return job
        return None

    def describe(self, ids: Sequence[str]) -> dict[str, BatchJob]:
        """What Batch says of jobs by their ids; those that it does not know are left out.

        Raises:
            EngineError: AWS Batch cannot be asked.
        """
        found = {}
        unique = list(dict.fromkeys(ids))
        for start in range(0, len(unique), MOST_DESCRIBED):
            ask = partial(self.client.describe_jobs, jobs=unique[start : start + MOST_DESCRIBED])
            for told in self._ask("DescribeJobs", ask)["jobs"]:
                found[told["jobId"]] = BatchJob.of(told)
        return found

    def in_queue(self, status: str) -> Iterator[BatchJob]:
        """Single jobs and arrays of the queue with a status (an array at work is PENDING).

        Raises:
            EngineError: AWS Batch cannot be asked.
        """
        return self._listed(jobQueue=self.place.queue, jobStatus=status)

    def children(self, array: str, status: str) -> Iterator[BatchJob]:
        """An array's children with a status.

        Raises:
            EngineError: AWS Batch cannot be asked, or has forgotten the array.
        """
        return self._listed(arrayJobId=array, jobStatus=status)

    def stop(self, job: BatchJob, reason: str) -> None:
        """End a job: one that has begun by a signal, another before it begins.

        Raises:
            EngineError: AWS Batch cannot be asked.
        """
        if job.has_begun:
            self._ask(
                "TerminateJob", lambda: self.client.terminate_job(jobId=job.id, reason=reason)
            )
        else:
            self._ask("CancelJob", lambda: self.client.cancel_job(jobId=job.id, reason=reason))

    def log_address(self, job: BatchJob) -> str:
        """Where a job's log is shown; empty where it has none yet."""
        if not job.log_stream:
            return ""
        return log_address(self._region(), self.place.log_group, job.log_stream)

    def close(self) -> None:
        """Let go of the connections."""
        with self._making:
            if self._client is not None:
                self._client.close()
                self._client = None

    @property
    def client(self) -> BatchClient:
        """The SDK's client, which sends each call once.

        Raises:
            EngineError: the address or the region cannot be used.
        """
        with self._making:
            if self._client is None:
                self._client = _made(self.place.region)
            return self._client

    def _listed(self, until: float | None = None, **query: Any) -> Iterator[BatchJob]:
        while True:
            page = self._ask("ListJobs", partial(self.client.list_jobs, **query), until)
            yield from map(BatchJob.of, page["jobSummaryList"])
            if not page.get("nextToken"):
                return
            query["nextToken"] = page["nextToken"]

    def _ask(self, operation: str, call: Callable[[], T], until: float | None = None) -> T:
        """Make a call that bears being made twice, until it is answered or that is hopeless."""
        pauses = self._pauses(until)
        while True:
            try:
                return call()
            except AWS_ERRORS as error:
                pause = next(pauses, None) if effect_of(error) is not Effect.NONE_EVER else None
                if pause is None:
                    raise self._refused(error, operation) from error
                self._pause(pause, operation, error)

    def _pauses(self, until: float | None = None) -> Iterator[float]:
        """Seconds before each repetition; none that would begin after a monotonic time."""
        draw = SystemRandom().random
        for ceiling in CEILINGS:
            pause = draw() * ceiling
            if until is not None and self._clock.monotonic() + pause >= until:
                return
            yield pause

    def _pause(self, seconds: float, operation: str, error: AwsError) -> None:
        log.warning("%s failed (%s); trying again in %.2f s", operation, error, seconds)
        self._clock.sleep(seconds)

    def _region(self) -> str:
        return self._client.meta.region_name if self._client else "that is set"

    def _refused(self, error: AwsError, operation: str) -> EngineError:
        """The error in words; where Batch refuses what is asked, it is asked what is wrong."""
        cause = self._what_is_wrong() if code_of(error) == "ClientException" else ""
        return (
            EngineError(cause) if cause else explained(error, f"batch:{operation}", self._region())
        )

    def _what_is_wrong(self) -> str:
        """What the queue and the job definition lack; empty where they may do, or who asks may not
        see them.
        """
        queue, definition, region = self.place.queue, self.place.definition, self._region()
        try:
            queues = self.client.describe_job_queues(jobQueues=[queue])["jobQueues"]
            if not queues:
                return (
                    f"There is no job queue {queue} in the region {region} of this account. Check "
                    "CODYBATCH_JOB_QUEUE and AWS_REGION; `make deploy` makes what is missing."
                )
            if queues[0]["state"] != "ENABLED":
                return (
                    f"The job queue {queue} is disabled. `aws batch update-job-queue --job-queue "
                    f"{queue} --state ENABLED` lets it take jobs again."
                )
            if not self._definitions(definition):
                return (
                    f"There is no active job definition {definition} in the region {region} of "
                    "this account. Check CODYBATCH_JOB_DEFINITION and AWS_REGION; `make deploy` "
                    "makes what is missing."
                )
        except AWS_ERRORS as error:
            log.info("what is wrong could not be asked: %s", error)
        return ""

    def _definitions(self, definition: str) -> Sequence[Mapping[str, Any]]:
        is_name = ":" not in definition
        if is_name:
            told = self.client.describe_job_definitions(
                jobDefinitionName=definition, status="ACTIVE", maxResults=1
            )
        else:
            told = self.client.describe_job_definitions(jobDefinitions=[definition])
        return told["jobDefinitions"]


def _made(region: str | None) -> BatchClient:
    config = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=ANSWER_SECONDS,
        retries={"total_max_attempts": 1},
        tcp_keepalive=True,
    )
    try:
        return session(region).client("batch", config=config)
    except ValueError as error:  # how the SDK refuses an endpoint
        raise EngineError(f"{error}. Check AWS_ENDPOINT_URL_BATCH and AWS_REGION.") from error
    except BotoCoreError as error:
        raise explained(error, "batch:SubmitJob", region or "that is set") from error

"""What a worker learns of the container that AWS Batch started it in.

Sources: the job environment variables in the user guide of AWS Batch, and the task metadata
endpoint version 4 in the developer guide of Amazon ECS, which names the container's log stream.
"""

from __future__ import annotations

import json
import logging
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from codybatch.domain.errors import UsageError
from codybatch.domain.identifiers import JobId
from codybatch.domain.jobs import AttemptOwner
from codybatch.domain.submissions import Submission
from codybatch.engines.aws_batch.console import log_address

log = logging.getLogger(__name__)

ENGINE_NAME = "aws-batch"
METADATA_SECONDS = 2.0
"""How long a worker waits for its metadata: it works without."""
_MOST_METADATA_BYTES = 100_000
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class BatchContainer:
    """One attempt of one job of AWS Batch."""

    job: str
    """Batch's id; of an array's child with its index: ``id:7``."""
    attempt: int
    """From 1."""
    index: int
    """In the array, from 0; 0 for a single job."""
    metadata: str = ""
    """Address of the container's metadata; empty where there is none."""

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Self:
        """Read the variables that AWS Batch sets.

        Raises:
            UsageError: they are not there, or cannot be read.
        """
        try:
            return cls(
                environment["AWS_BATCH_JOB_ID"],
                int(environment["AWS_BATCH_JOB_ATTEMPT"]),
                int(environment.get("AWS_BATCH_JOB_ARRAY_INDEX", "0")),
                environment.get("ECS_CONTAINER_METADATA_URI_V4", ""),
            )
        except (KeyError, ValueError) as error:
            raise UsageError(
                f"This is no container of AWS Batch: {error} is missing or no number. "
                "`codybatch worker run JOB_ID` works on a job anywhere else."
            ) from None

    def job_in(self, submission: Submission) -> JobId:
        """The job of a submission that this container is for.

        Raises:
            UsageError: the submission has no such job.
        """
        if not 0 <= self.index < len(submission.jobs):
            raise UsageError(
                f"The submission {submission.id} has {len(submission.jobs)} jobs, and none with "
                f"the index {self.index} that AWS_BATCH_JOB_ARRAY_INDEX names."
            )
        return submission.jobs[self.index]

    def owner(self, host: str) -> AttemptOwner:
        """This attempt as the records know it: a later one of the same job takes over at once."""
        return AttemptOwner(
            engine=ENGINE_NAME, engine_job=self.job, attempt=self.attempt, host=host
        )

    def log_address(self) -> str | None:
        """Where the container's log is shown; None where its metadata does not say."""
        try:
            options = self._metadata()["LogOptions"]
            return log_address(
                *(str(options[f"awslogs-{name}"]) for name in ("region", "group", "stream"))
            )
        except (OSError, ValueError, KeyError, TypeError) as error:
            log.info("the address of the log is not known: %r", error)
            return None

    def _metadata(self) -> dict[str, Any]:
        if not self.metadata.startswith("http://"):  # ECS gives a link-local address
            raise ValueError("no metadata")
        with _OPENER.open(self.metadata, timeout=METADATA_SECONDS) as answer:
            read: dict[str, Any] = json.loads(answer.read(_MOST_METADATA_BYTES))
            return read

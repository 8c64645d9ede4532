"""Which job of AWS Batch stands for a job of ours: read from the submissions, each of them once."""

from __future__ import annotations

import re

from codybatch.domain.errors import NotFound
from codybatch.domain.identifiers import JobId, SubmissionId
from codybatch.domain.jobs import Job
from codybatch.domain.submissions import Submission
from codybatch.engines.aws_batch.container import ENGINE_NAME
from codybatch.ports import Records

_BATCH_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(:[0-9]{1,5})?")


def workers_batch_id(job: Job) -> str:
    """Batch's id of what a job's worker runs or ran in; empty where that is none of Batch's."""
    owner = job.lease.owner if job.lease else None
    is_ours = owner is not None and owner.engine == ENGINE_NAME
    return owner.engine_job if owner and is_ours and _BATCH_ID.fullmatch(owner.engine_job) else ""


class Manifests:
    """The submissions that one look at the jobs meets."""

    def __init__(self, records: Records) -> None:
        """Read submissions from ``records``."""
        self._records = records
        self._found: dict[SubmissionId, Submission | None] = {}
        self._places: dict[SubmissionId, dict[JobId, int]] = {}

    def of(self, job: Job) -> Submission | None:
        """The submission of a job; None where it has none of ours."""
        found = self.named(job.submission) if job.submission else None
        return found if found and found.engine == ENGINE_NAME else None

    def named(self, name: SubmissionId) -> Submission | None:
        """A submission; None where there is none."""
        if name not in self._found:
            try:
                self._found[name] = self._records.submission(name)
            except NotFound:
                self._found[name] = None
        return self._found[name]

    def replace(self, submission: Submission) -> None:
        """Store a submission's new state, and go on with it."""
        self._records.add_submission(submission)
        self._found[submission.id] = submission

    def batch_id(self, job: Job) -> str:
        """Batch's id of the job that its submission stands for; empty where it is not known."""
        submission = self.of(job)
        if submission is None or submission.engine_id is None:
            return ""
        if len(submission.jobs) == 1:
            return submission.engine_id
        if submission.id not in self._places:  # one may have ten thousand jobs
            places = {name: index for index, name in enumerate(submission.jobs)}
            self._places[submission.id] = places
        index = self._places[submission.id].get(job.id)
        return "" if index is None else f"{submission.engine_id}:{index}"

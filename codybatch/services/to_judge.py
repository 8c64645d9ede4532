"""Which jobs a person may want to judge."""

from __future__ import annotations

from dataclasses import dataclass

from codybatch.domain.identifiers import Person, RequestId
from codybatch.domain.jobs import Job
from codybatch.ports import PageRequest, Partition, PartitionKind, Records

AT_ONCE = 100
"""Jobs that a person goes through before it is asked what else there is."""


@dataclass(frozen=True)
class ToJudge:
    """Use cases of what waits for a verdict."""

    records: Records

    def of_all(self) -> tuple[Job, ...]:
        """The newest ``AT_ONCE`` jobs that ended with a result and that nobody has judged."""
        partition = Partition(PartitionKind.UNJUDGED)
        return self.records.list_jobs(partition, PageRequest(limit=AT_ONCE)).items

    def of_request(self, request: RequestId, by: Person) -> tuple[Job, ...]:
        """The jobs of a request that ended with a result and that a person has not judged, in the
        order of its repositories.

        Raises:
            NotFound: there is no such request.
        """
        jobs = self._jobs(request)
        return tuple(one for one in jobs if one.has_result and not self._judged(one, by))

    def still_at_work(self, request: RequestId | None) -> int:
        """How many jobs have not ended: of a request, or of all.

        Raises:
            NotFound: there is no such request.
        """
        if request is None:
            counts = self.records.job_counts()
            return counts.queued + counts.running + counts.waiting
        return sum(not one.state.is_terminal for one in self._jobs(request))

    def _jobs(self, request: RequestId) -> tuple[Job, ...]:
        found = self.records.request(request)
        partition = Partition(PartitionKind.REQUEST, found.id)
        return self.records.list_jobs(partition, PageRequest(limit=1000)).items

    def _judged(self, job: Job, by: Person) -> bool:
        return any(verdict.rater == by for verdict in self.records.verdicts(job.id))

"""Everything that a job's page shows besides its tabs, read in one go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo

from codybatch.composition import Application, verdict_reasons, verdicts
from codybatch.domain.identifiers import job_id
from codybatch.domain.jobs import Job
from codybatch.domain.requests import Request
from codybatch.ui.errands import Errand, Errands
from codybatch.ui.jobs.acts import Acts, acts_of
from codybatch.ui.jobs.heading import JobHeading, job_heading
from codybatch.ui.jobs.verdict import Judged, judged
from codybatch.ui.pace import BUSY_SECONDS, refresh_seconds


@dataclass(frozen=True)
class JobView:
    """A job's page at one moment."""

    job: Job
    request: Request
    heading: JobHeading
    acts: Acts
    judged: Judged
    siblings: tuple[Job, ...]
    """The jobs of its request, in the order of its repositories."""
    errand: Errand | None
    """What is being done with it, or was done and not put away."""

    @property
    def refresh_seconds(self) -> float | None:
        """When to look again."""
        if self.errand is not None and self.errand.is_active:
            return BUSY_SECONDS
        return refresh_seconds([self.job.state])

    def beside(self, step: int) -> Job | None:
        """The job of the same request that stands so many places further; None at the ends."""
        ids = [one.id for one in self.siblings]
        place = ids.index(self.job.id) + step
        return self.siblings[place] if 0 <= place < len(ids) else None


def job_view(app: Application, errands: Errands, written_id: str, zone: tzinfo) -> JobView:
    """A job's page as it stands at this moment.

    Args:
        app: where it comes from.
        errands: what is being done.
        written_id: the job's id as the address has it.
        zone: of the person who looks.

    Raises:
        UnknownIdentifier: ``written_id`` is no job's id.
        NotFound: there is no such job.
    """
    job = app.jobs.find(job_id(written_id))
    lineage, now, clean = app.jobs.lineage(job), app.clock.now(), app.net.clean
    return JobView(
        job=job,
        request=app.requests.find(job.request),
        heading=job_heading(
            *(job, lineage, clean, now, zone),
            standins_have_ended=app.settings.standins_have_ended,
        ),
        acts=acts_of(job, lineage),
        judged=judged(
            *(job, verdicts(app).of(job.id), app.person),
            reasons=verdict_reasons(app).of(job.kind),
            clean=clean,
            now=now,
            zone=zone,
        ),
        siblings=app.requests.jobs_of(job.request),
        errand=errands.of(job.id),
    )

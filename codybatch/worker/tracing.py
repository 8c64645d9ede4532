"""One attempt as a span, from the claimed lease to what became of the job."""

from __future__ import annotations

from codybatch.domain.jobs import Job
from codybatch.ports.tracing import Attribute
from codybatch.worker.departure import WorkerExit
from codybatch.worker.run import Work


def do_traced(work: Work) -> WorkerExit:
    """Do an attempt's work inside a span.

    Raises:
        StoreError: the store cannot be written.
    """
    job, tracing = work.attempt.job, work.around.tracing
    tracing.begin(job.id)
    with tracing.span("job", _beginning(job)) as span:
        left = work.do()
        span.note(_ending(work.attempt.job))
        if because := work.attempt.job.ended_because:
            span.note({"codybatch.job.ended_because": because.value})
        return left


def _beginning(job: Job) -> dict[str, Attribute]:
    return {
        "codybatch.job.id": job.id,
        "codybatch.job.kind": job.kind.value,
        "codybatch.job.attempt": job.attempts,
        "codybatch.request.id": job.request,
        "codybatch.prompt": str(job.prompt),
        "codybatch.repository": job.repository.full_name,
        "vcs.ref.head.revision": job.commit,
    }


def _ending(job: Job) -> dict[str, Attribute]:
    return {
        "codybatch.job.state": job.state.value,
        "codybatch.job.turns": job.progress.turn,
        "codybatch.job.cost_usd": float(job.cost_usd),
    }

"""What moves jobs: to RUNNABLE at once, to RUNNING as room allows, and to their end."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from uuid import uuid4

from codybatch.standins.batch.containers import Container, Host
from codybatch.standins.batch.jobs import Attempt, BatchJob, Order, Status, new_job, now_ms
from codybatch.standins.batch.retries import is_tried_again

MOST_OVERRIDES = 8192
"""Characters. Longer overrides are taken by SubmitJob, and the job fails (metaflow issue 1482)."""
EXITED = "Essential container in task exited"


@dataclass(frozen=True)
class Stop:
    """Why a container ends before its command does.

    Arguments:
        status_reason: of the job.
        reason: of the container.
        may_retry: whether the rules are asked; a terminated job is never tried again.
        is_sudden: whether it is killed without a SIGTERM.
        leaves_exit_code: whether anybody learns how it ended.
    """

    status_reason: str
    reason: str = ""
    may_retry: bool = False
    is_sudden: bool = False
    leaves_exit_code: bool = True


class Reclaim(Enum):
    """How a host goes away under a running job, as Batch tells it afterwards."""

    FARGATE_SPOT = Stop("Your Spot Task was interrupted.", may_retry=True)
    FARGATE_SPOT_IN_REASON = Stop(EXITED, "Your Spot Task was interrupted.", may_retry=True)
    """No source says which of the two fields holds the sentence."""
    EC2_SPOT = Stop(
        "Host EC2 (instance i-0c0dba7c4f5d3a1b2) terminated.",
        may_retry=True,
        is_sudden=True,
        leaves_exit_code=False,
    )
    OUT_OF_MEMORY = Stop(
        EXITED,
        "OutOfMemoryError: Container killed due to memory usage",
        may_retry=True,
        is_sudden=True,
    )
    KILLED = Stop(EXITED, may_retry=True, is_sudden=True)


TIMED_OUT = Stop("Job attempt duration exceeded timeout")


@dataclass
class _Run:
    """A container at work."""

    container: Container
    stop: Stop | None = None


class Scheduler:
    """All jobs of one account, and the threads that run them.

    Arguments:
        host: starts containers.
        tell: is given each job that changed its state, in order; None where nobody listens.
        parallel: how many containers at once; 0 leaves all jobs RUNNABLE.
        timeout_scale: real seconds for each second of a timeout.
        metadata: the address of a container's metadata, without the log stream at its end.
    """

    def __init__(
        self,
        host: Host,
        tell: Callable[[BatchJob], None] | None,
        parallel: int,
        timeout_scale: float,
        metadata: Callable[[], str],
    ) -> None:
        self.lock = threading.RLock()
        self.jobs: dict[str, BatchJob] = {}
        self._host = host
        self._tell = tell
        self._parallel = parallel
        self._timeout_scale = timeout_scale
        self._metadata = metadata
        self._runs: dict[str, _Run] = {}
        self._arrived: deque[BatchJob] = deque()
        self._runnable: deque[BatchJob] = deque()
        self._working = 0
        self._changed = threading.Condition(self.lock)
        self._closed = False
        self._threads: list[threading.Thread] = []
        self._thread = threading.Thread(target=self._schedule, name="batch", daemon=True)

    def start(self) -> None:
        """Begin to move jobs."""
        self._thread.start()

    def close(self) -> None:
        """Kill what runs, and wait until it is gone."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            runs = list(self._runs.values())
        for run in runs:
            run.container.kill()
        for thread in [self._thread, *self._threads]:
            thread.join()

    def set_parallel(self, parallel: int) -> None:
        """Change how many containers may run at once."""
        with self._changed:
            self._parallel = parallel
            self._changed.notify_all()

    def submit(self, order: Order, size: int | None) -> BatchJob:
        """Take a job, or an array of ``size``."""
        with self._changed:
            job = new_job(order, len(self.jobs), size)
            for one in (job, *job.children):
                self.jobs[one.id] = one
            self._arrived.append(job)
            self._changed.notify_all()
            return job

    def cancel(self, job: BatchJob, reason: str) -> None:
        """End what has not begun; silently leave the rest alone, as Batch does."""
        with self._changed:
            job.is_cancelled = True
            for one in job.children or [job]:
                if not (one.status.has_begun or one.status.has_ended):
                    one.is_cancelled = True
                    self._end(one, Status.FAILED, reason)

    def terminate(self, job: BatchJob, reason: str) -> None:
        """End a job, whatever its state."""
        with self._changed:
            job.is_terminated = True
            for one in job.children or [job]:
                run = self._runs.get(one.id)
                if run is not None:
                    one.is_terminated = True
                    self._stop(run, Stop(reason))
                elif not one.status.has_ended:
                    one.is_terminated = True
                    self._end(one, Status.FAILED, reason)

    def reclaim(self, job: BatchJob, how: Reclaim) -> bool:
        """Take the host away from a running job; False where it does not run."""
        with self.lock:
            run = self._runs.get(job.id)
            if run is not None:
                self._stop(run, how.value)
            return run is not None

    def forget(self, job: BatchJob) -> None:
        """Drop a job as if it had never been; what runs of it runs on, unseen."""
        with self.lock:
            for one in (job, *job.children):
                self.jobs.pop(one.id, None)

    def wait_until(self, holds: Callable[[], bool], seconds: float) -> bool:
        """Wait until something is true of the jobs; False where it did not become so in time."""
        with self._changed:
            return self._changed.wait_for(holds, seconds)

    def pids(self) -> dict[str, int]:
        """The main process of each running container by its job's id."""
        with self.lock:
            return {job: run.container.pid for job, run in self._runs.items()}

    def _stop(self, run: _Run, stop: Stop) -> None:
        if run.stop is not None:
            return
        run.stop = stop
        if stop.is_sudden:
            run.container.kill()
        else:
            run.container.stop()

    def _schedule(self) -> None:
        with self._changed:
            while not self._closed:
                while self._arrived:
                    self._arrive(self._arrived.popleft())
                if self._runnable and self._working < self._parallel:
                    self._begin(self._runnable.popleft())
                else:
                    self._changed.wait()

    def _arrive(self, job: BatchJob) -> None:
        if job.status.has_ended:  # it was cancelled
            return
        if job.order.overrides_length > MOST_OVERRIDES:
            self._refuse(job)
            return
        self._move(job, Status.PENDING)
        for one in job.children or [job]:
            if not one.status.has_ended:
                if one is not job:
                    self._move(one, Status.PENDING)
                self._move(one, Status.RUNNABLE)
                self._runnable.append(one)

    def _refuse(self, job: BatchJob) -> None:
        for one in job.children or [job]:
            self._end(
                one, Status.FAILED, f"Container Overrides length must be at most {MOST_OVERRIDES}"
            )

    def _begin(self, job: BatchJob) -> None:
        if job.status is not Status.RUNNABLE:  # it was cancelled
            return
        self._move(job, Status.STARTING)
        self._working += 1
        thread = threading.Thread(target=self._run, args=(job,), name=job.id, daemon=True)
        self._threads = [one for one in self._threads if one.is_alive()]
        self._threads.append(thread)
        thread.start()

    def _run(self, job: BatchJob) -> None:
        attempt = Attempt(f"{_short(job.order.definition)}/default/{uuid4().hex}")
        try:
            run = self._start(job, attempt)
        except OSError as error:
            reason = f"CannotStartContainerError: {error.strerror}: {error.filename}"
            with self._changed:
                self._finish(job, attempt, None, Stop("Task failed to start", reason, True))
            return
        code = run.container.wait() if run else None
        with self._changed:
            stop = run.stop if run else Stop("Terminated")
            self._runs.pop(job.id, None)
            self._finish(job, attempt, code, stop)

    def _start(self, job: BatchJob, attempt: Attempt) -> _Run | None:
        """Start the job's container; None where it was terminated on the way."""
        with self.lock:
            job.attempts.append(attempt)
            number = len(job.attempts)
            if self._closed or job.status is not Status.STARTING:
                return None
            container = self._host.start(
                job.order.command, self._environment(job, number, attempt), attempt.log_stream
            )
            run = self._runs[job.id] = _Run(container)
            job.started_at = attempt.started_at = now_ms()
            self._move(job, Status.RUNNING)
            if job.order.timeout_seconds is not None:
                limit = job.order.timeout_seconds * self._timeout_scale
                container.later(limit, lambda: self._time_out(run))
            return run

    def _environment(self, job: BatchJob, number: int, attempt: Attempt) -> dict[str, str]:
        """What AWS Batch adds to a container's variables, and ECS the address of its metadata."""
        array = {} if job.index is None else {"AWS_BATCH_JOB_ARRAY_INDEX": str(job.index)}
        return {
            **job.order.environment,
            "AWS_BATCH_JOB_ID": job.id,
            "AWS_BATCH_JOB_ATTEMPT": str(number),
            "AWS_BATCH_JQ_NAME": _short(job.order.queue),
            "ECS_CONTAINER_METADATA_URI_V4": f"{self._metadata()}/{attempt.log_stream}",
            **array,
        }

    def _time_out(self, run: _Run) -> None:
        with self.lock:
            self._stop(run, TIMED_OUT)

    def _finish(self, job: BatchJob, attempt: Attempt, code: int | None, stop: Stop | None) -> None:
        attempt.stopped_at = now_ms()
        attempt.exit_code = code if stop is None or stop.leaves_exit_code else None
        attempt.reason = stop.reason if stop else ""
        attempt.status_reason = stop.status_reason if stop else EXITED
        self._working -= 1
        self._changed.notify_all()
        if job.status.has_ended:
            return
        may_retry = stop is None or stop.may_retry
        if attempt.exit_code == 0 and may_retry:
            self._end(job, Status.SUCCEEDED, attempt.status_reason)
        elif may_retry and not self._closed and self._is_tried_again(job, attempt):
            self._move(job, Status.RUNNABLE)
            self._runnable.append(job)
        else:
            self._end(job, Status.FAILED, attempt.status_reason)

    def _is_tried_again(self, job: BatchJob, attempt: Attempt) -> bool:
        return len(job.attempts) < job.order.attempts and is_tried_again(
            job.order.rules, attempt.exit_code, attempt.reason, attempt.status_reason
        )

    def _end(self, job: BatchJob, status: Status, reason: str) -> None:
        self._move(job, status, reason)
        parent = job.parent
        if parent is None:
            return
        done = parent.counts[Status.SUCCEEDED] + parent.counts[Status.FAILED]
        if done == len(parent.children):
            failed = parent.counts[Status.FAILED] > 0
            self._move(
                parent,
                Status.FAILED if failed else Status.SUCCEEDED,
                "Array Child Job failed" if failed else "Array Child Job succeeded",
            )

    def _move(self, job: BatchJob, status: Status, reason: str = "") -> None:
        job.move(status, reason)
        self._changed.notify_all()
        if self._tell is not None:
            self._tell(job)


def _short(arn: str) -> str:
    """The name at an ARN's end, without the revision."""
    return arn.rpartition("/")[2].partition(":")[0]

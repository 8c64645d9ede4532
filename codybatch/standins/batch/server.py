"""The stand-in itself: one port for the API, for containers' metadata and for tests' orders."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Self
from urllib.parse import urlsplit

from codybatch.standins.batch import control
from codybatch.standins.batch.catalogue import Catalogue
from codybatch.standins.batch.containers import Host
from codybatch.standins.batch.jobs import BatchJob, Status
from codybatch.standins.batch.problems import BatchProblem
from codybatch.standins.batch.scheduler import Reclaim, Scheduler
from codybatch.standins.batch.service import BatchService
from codybatch.standins.batch.sink import EventSink
from codybatch.standins.git.faults import FaultQueue, answer_with_fault
from codybatch.standins.git.journal import Journal
from codybatch.standins.loopback import Answer, LoopbackServer, Request

API = "/v1/"
METADATA = "/v4/"
LOOPBACK_NAMES = {"127.0.0.1", "localhost"}
CREDENTIAL = re.compile(r"Credential=([^/,]+)/\d{8}/([^/,]+)/batch/aws4_request")


class BatchStandin:
    """AWS Batch on 127.0.0.1, from entering to leaving; what runs then is killed.

    Arguments:
        host: what a container is here.
        catalogue: the region with its queues and job definitions.
        parallel: how many containers at once; 0 leaves all jobs RUNNABLE.
        sink: where state change events go.
        log_group: of CloudWatch, as containers are told.
        access_keys: the ids that are known; empty for any.
        timeout_scale: real seconds for each second of a job's timeout.
        port: 0 lets the system choose.
    """

    def __init__(
        self,
        host: Host,
        catalogue: Catalogue,
        *,
        parallel: int = 2,
        sink: EventSink | None = None,
        log_group: str = "/aws/batch/job",
        access_keys: Sequence[str] = (),
        timeout_scale: float = 1.0,
        port: int = 0,
    ) -> None:
        self.host = host
        self.catalogue = catalogue
        self.faults = FaultQueue()
        self.journal = Journal()
        self.access_keys = frozenset(access_keys)
        self._stopping = threading.Event()
        self._sink = sink
        self._log_group = log_group
        self._scheduler = Scheduler(
            host, self._tell, parallel, timeout_scale, lambda: f"{self.url}{METADATA[:-1]}"
        )
        self._service = BatchService(catalogue, self._scheduler)
        self._server = LoopbackServer(self._answer, port)

    @property
    def url(self) -> str:
        """Its address, for ``AWS_ENDPOINT_URL_BATCH``."""
        return self._server.url

    @property
    def port(self) -> int:
        """The port in use."""
        return self._server.port

    @property
    def environment(self) -> dict[str, str]:
        """The variable by which an AWS client finds it."""
        return {"AWS_ENDPOINT_URL_BATCH": self.url}

    def __enter__(self) -> Self:
        self._scheduler.start()
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self.send_events(None)
        self._scheduler.close()
        self._server.stop()

    def jobs(self) -> list[BatchJob]:
        """All jobs that have a container: single ones, and the children of arrays."""
        with self._scheduler.lock:
            return [job for job in self._scheduler.jobs.values() if not job.is_array]

    def job(self, name: str) -> BatchJob:
        """A job by its id.

        Raises:
            LookupError: there is none.
        """
        with self._scheduler.lock:
            return self._scheduler.jobs[name]

    def submissions(self) -> list[BatchJob]:
        """What SubmitJob made, oldest first."""
        with self._scheduler.lock:
            return [job for job in self._scheduler.jobs.values() if job.parent is None]

    def pids(self) -> Mapping[str, int]:
        """The main process of each running container by its job's id."""
        return self._scheduler.pids()

    def reclaim(self, name: str, how: Reclaim) -> bool:
        """Take the host away from a running job; False where it does not run."""
        return self._scheduler.reclaim(self.job(name), how)

    def forget(self, name: str) -> None:
        """Drop a job as Batch does a week after its end; what runs of it runs on, unseen."""
        self._scheduler.forget(self.job(name))

    def set_parallel(self, parallel: int) -> None:
        """Change how many containers may run at once."""
        self._scheduler.set_parallel(parallel)

    def enable(self, queue: str, *, enabled: bool = True) -> None:
        """Enable or disable a queue."""
        self.catalogue.queues[queue].is_enabled = enabled

    def send_events(self, sink: EventSink | None) -> None:
        """Send events there from now on, and no longer where they went."""
        before, self._sink = self._sink, sink
        if before is not None:
            before.close()

    def log_of(self, name: str) -> str:
        """What a job's containers wrote, the oldest attempt first."""
        files = (self.host.log_file(one.log_stream) for one in self.job(name).attempts)
        return "".join(file.read_text(errors="replace") for file in files if file.exists())

    def count(self, status: Status) -> int:
        """How many jobs with a container are in a state."""
        return sum(job.status is status for job in self.jobs())

    def wait_until(self, holds: Callable[[], bool], seconds: float = 60.0) -> bool:
        """Wait until something is true of the jobs; False where it did not become so in time."""
        return self._scheduler.wait_until(holds, seconds)

    def _tell(self, job: BatchJob) -> None:
        if self._sink is not None:
            self._sink.tell(job, self.catalogue.region)

    def _answer(self, request: Request) -> Answer:
        if urlsplit(f"//{request.headers.get('host', '')}").hostname not in LOOPBACK_NAMES:
            return Answer(403, body=b"This stand-in answers to loopback names only.\n")
        if request.path.startswith(control.PREFIX):
            return control.answer(self, request)
        if request.path.startswith(METADATA):
            return self._metadata(request.path.removeprefix(METADATA))
        with self.journal.recorded(request.method, request.path, request.query_string) as entry:
            fault = self.faults.take(request.method, request.path)
            if fault is None:
                answer = self._act(request)
            else:
                entry.fault = fault.kind
                answer = answer_with_fault(fault, lambda: self._act(request), self._stopping)
            entry.status = 0 if entry.fault == "cut" else answer.status
            return answer

    def _act(self, request: Request) -> Answer:
        try:
            region = self._region(request)
            body = json.loads(request.read() or b"{}")
            told = self._service.do(request.path.removeprefix(API), body, region)
        except BatchProblem as problem:
            return problem.answer()
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            return BatchProblem(f"Error parsing parameters: {error}").answer()
        return _json(told)

    def _region(self, request: Request) -> str:
        """The region that a request is signed for."""
        signed = CREDENTIAL.search(request.headers.get("authorization", ""))
        if signed is None:
            message = "Missing Authentication Token"
            raise BatchProblem(message, "MissingAuthenticationTokenException", 403)
        if self.access_keys and signed[1] not in self.access_keys:
            message = "The security token included in the request is invalid."
            raise BatchProblem(message, "UnrecognizedClientException", 403)
        return signed[2]

    def _metadata(self, stream: str) -> Answer:
        """What ECS tells a container about its log, of all that its metadata holds."""
        options = {
            "awslogs-group": self._log_group,
            "awslogs-region": self.catalogue.region,
            "awslogs-stream": stream,
        }
        return _json({"Name": "default", "LogDriver": "awslogs", "LogOptions": options})


def _json(told: object) -> Answer:
    return Answer(HTTPStatus.OK, {"Content-Type": "application/json"}, json.dumps(told).encode())

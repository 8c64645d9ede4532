"""The operations of the API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from codybatch.standins.batch.catalogue import Catalogue
from codybatch.standins.batch.jobs import BatchJob
from codybatch.standins.batch.listing import page_of_jobs
from codybatch.standins.batch.orders import NAME, array_size, order_of, text
from codybatch.standins.batch.problems import BatchProblem
from codybatch.standins.batch.scheduler import Scheduler

MOST_DESCRIBED = 100
Body = dict[str, Any]


class BatchService:
    """Answers each operation for requests signed for one region.

    Arguments:
        catalogue: queues and definitions.
        scheduler: jobs.
    """

    def __init__(self, catalogue: Catalogue, scheduler: Scheduler) -> None:
        self._catalogue = catalogue
        self._scheduler = scheduler
        self._operations: dict[str, Callable[[Body, str], Body]] = {
            "submitjob": self._submit_job,
            "describejobs": self._describe_jobs,
            "listjobs": self._list_jobs,
            "canceljob": self._cancel_job,
            "terminatejob": self._terminate_job,
            "describejobqueues": self._describe_job_queues,
            "describejobdefinitions": self._describe_job_definitions,
            "registerjobdefinition": self._register_job_definition,
        }

    def do(self, operation: str, body: Body, region: str) -> Body:
        """Answer one request.

        Raises:
            BatchProblem: it cannot be served.
        """
        act = self._operations.get(operation)
        if act is None:
            raise BatchProblem(f"Unknown operation {operation}", "UnknownOperationException", 404)
        with self._scheduler.lock:
            return act(body, region)

    def _submit_job(self, body: Body, region: str) -> Body:
        order = order_of(body, self._catalogue, region)
        job = self._scheduler.submit(order, array_size(body))
        return {"jobArn": job.arn(region), "jobName": order.name, "jobId": job.id}

    def _describe_jobs(self, body: Body, region: str) -> Body:
        ids = body.get("jobs", [])
        if not 1 <= len(ids) <= MOST_DESCRIBED:
            raise BatchProblem(f"DescribeJobs takes 1 to {MOST_DESCRIBED} jobs.")
        found = (self._find(one, region) for one in ids)
        return {"jobs": [job.detail(region) for job in found if job is not None]}

    def _list_jobs(self, body: Body, region: str) -> Body:
        return page_of_jobs(body, self._scheduler.jobs, self._catalogue, region)

    def _cancel_job(self, body: Body, region: str) -> Body:
        self._scheduler.cancel(*self._to_stop(body, region))
        return {}

    def _terminate_job(self, body: Body, region: str) -> Body:
        self._scheduler.terminate(*self._to_stop(body, region))
        return {}

    def _to_stop(self, body: Body, region: str) -> tuple[BatchJob, str]:
        name, reason = text(body, "jobId"), text(body, "reason")
        job = self._find(name, region)
        if job is None:
            raise BatchProblem(f"Job {name} does not exist.")
        return job, reason

    def _find(self, name: str, region: str) -> BatchJob | None:
        if region != self._catalogue.region:
            return None
        return self._scheduler.jobs.get(name.rpartition("/")[2])

    def _describe_job_queues(self, body: Body, region: str) -> Body:
        catalogue, wanted = self._catalogue, body.get("jobQueues")
        names = {one.rpartition("/")[2] for one in wanted} if wanted else set(catalogue.queues)
        found = [queue for queue in catalogue.queues.values() if queue.name in names]
        here = found if region == catalogue.region else []
        return {"jobQueues": [catalogue.queue_detail(queue) for queue in here]}

    def _describe_job_definitions(self, body: Body, region: str) -> Body:
        catalogue = self._catalogue
        wanted = [one.rpartition("/")[2] for one in body.get("jobDefinitions", [])]
        name = body.get("jobDefinitionName")
        found = [
            one
            for revisions in catalogue.definitions.values()
            for one in revisions
            if region == catalogue.region
            and name in (None, one.name)
            and (not wanted or {one.name, f"{one.name}:{one.revision}"} & set(wanted))
        ]
        return {"jobDefinitions": [catalogue.definition_detail(one) for one in found]}

    def _register_job_definition(self, body: Body, region: str) -> Body:
        name = text(body, "jobDefinitionName")
        if not NAME.fullmatch(name) or region != self._catalogue.region:
            raise BatchProblem("The job definition cannot be registered here under this name.")
        tasks = body.get("ecsProperties", {}).get("taskProperties", [{}])
        plain = body.get("containerProperties", {})
        container = tasks[0].get("containers", [plain])[0]
        command = tuple(container.get("command", []))
        made = self._catalogue.register(name, command, container.get("name", ""))
        return {
            "jobDefinitionName": made.name,
            "jobDefinitionArn": self._catalogue.definition_arn(made),
            "revision": made.revision,
        }

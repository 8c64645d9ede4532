"""The way in for tests in other processes: ``/_standin/...``, on loopback like the rest.

``GET jobs``: each with its id, status, attempts and the pid of its container.
``GET logs?jobId=ID``: what its containers wrote.
``GET requests?route=R``: what was asked of the API.
``POST faults``: add a list of them; ``DELETE``: forget them; ``GET``: list them.
``POST reclaim`` with ``{"jobId": ID, "how": NAME}``; the names are those of ``Reclaim``.
``POST forget`` with ``{"jobId": ID}``.
``POST queues`` with ``{"name": NAME, "enabled": false}``.
``POST parallel`` with ``{"jobs": N}``.
``POST events`` with ``{"url": URL, "copies": 1, "isReversed": false}``; without ``url`` none go.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from codybatch.standins.batch.scheduler import Reclaim
from codybatch.standins.batch.sink import EventSink, posting
from codybatch.standins.git.faults import Fault
from codybatch.standins.loopback import Answer, Request

if TYPE_CHECKING:
    from codybatch.standins.batch.server import BatchStandin

PREFIX = "/_standin/"


def answer(standin: BatchStandin, request: Request) -> Answer:
    """Answer a request to the control endpoint; what it cannot do is a 400 that says why."""
    act = _ACTS.get((request.method, request.path.removeprefix(PREFIX)))
    if act is None:
        return _json(404, {"message": f"no {request.method} {request.path}"})
    try:
        return _json(200, act(standin, request))
    except (ValueError, LookupError, TypeError, ValidationError) as error:
        return _json(400, {"message": str(error)})


def _jobs(standin: BatchStandin, _: Request) -> Any:
    pids = standin.pids()
    return [
        {
            "jobId": job.id,
            "jobName": job.order.name,
            "status": job.status.value,
            "statusReason": job.status_reason,
            "attempts": len(job.attempts),
            "pid": pids.get(job.id),
        }
        for job in standin.jobs()
    ]


def _logs(standin: BatchStandin, request: Request) -> Any:
    return {"log": standin.log_of(request.query["jobId"])}


def _requests(standin: BatchStandin, request: Request) -> Any:
    route = request.query.get("route", "* *")
    return [asdict(entry) for entry in standin.journal.requests(route)]


def _faults(standin: BatchStandin, _: Request) -> Any:
    return [fault.model_dump(mode="json") for fault in standin.faults.pending()]


def _add_faults(standin: BatchStandin, request: Request) -> Any:
    standin.faults.add(*(Fault.model_validate(item) for item in json.loads(request.read())))
    return _faults(standin, request)


def _clear_faults(standin: BatchStandin, request: Request) -> Any:
    standin.faults.clear()
    return _faults(standin, request)


def _reclaim(standin: BatchStandin, request: Request) -> Any:
    body = json.loads(request.read())
    return {"reclaimed": standin.reclaim(body["jobId"], Reclaim[body["how"]])}


def _forget(standin: BatchStandin, request: Request) -> Any:
    standin.forget(json.loads(request.read())["jobId"])
    return {}


def _queues(standin: BatchStandin, request: Request) -> Any:
    body = json.loads(request.read())
    standin.enable(body["name"], enabled=body["enabled"])
    return {}


def _parallel(standin: BatchStandin, request: Request) -> Any:
    standin.set_parallel(int(json.loads(request.read())["jobs"]))
    return {}


def _events(standin: BatchStandin, request: Request) -> Any:
    body = json.loads(request.read())
    url = body.get("url")
    sink = EventSink(posting(url), body.get("copies", 1), body.get("isReversed", False))
    standin.send_events(sink if url else None)
    return {}


_ACTS: dict[tuple[str, str], Callable[[BatchStandin, Request], Any]] = {
    ("GET", "jobs"): _jobs,
    ("GET", "logs"): _logs,
    ("GET", "requests"): _requests,
    ("GET", "faults"): _faults,
    ("POST", "faults"): _add_faults,
    ("DELETE", "faults"): _clear_faults,
    ("POST", "reclaim"): _reclaim,
    ("POST", "forget"): _forget,
    ("POST", "queues"): _queues,
    ("POST", "parallel"): _parallel,
    ("POST", "events"): _events,
}


def _json(status: int, told: Any) -> Answer:
    return Answer(status, {"Content-Type": "application/json"}, json.dumps(told).encode())

"""The control endpoint `/_standin/`, by which another process prepares faults and reads records."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from pydantic import ValidationError

from codybatch.standins.git.faults import Fault
from codybatch.standins.github import editing
from codybatch.standins.github.pulls import follow_all
from codybatch.standins.github.site import Site
from codybatch.standins.loopback import Answer, Request

PREFIX = "/_standin/"
LONGEST_WAIT_SECONDS = 60.0


def answer(site: Site, request: Request) -> Answer:
    """Answer a request to the control endpoint; what it cannot do is a 400 that says why."""
    subject = request.path.removeprefix(PREFIX)
    handler = _HANDLERS.get((request.method, subject.partition("/")[0]))
    if handler is None:
        return _json(404, {"message": f"no {request.method} {request.path}"})
    try:
        return _json(200, handler(site, request))
    except (ValueError, LookupError, TypeError, ValidationError) as error:
        return _json(400, {"message": str(error)})


def _state(site: Site, _: Request) -> Any:
    return {
        "repositories": [
            {**repository.model_dump(mode="json"), "branches": site.bare(repository).branches()}
            for repository in site.state.repositories.values()
        ],
        "pull_requests": [
            {**pull.model_dump(mode="json"), "repository": repository.full_name}
            for repository in site.state.repositories.values()
            for pull in follow_all(site, repository)
        ],
        "faults": _faults(site, _),
    }


def _faults(site: Site, _: Request) -> Any:
    return [fault.model_dump(mode="json") for fault in site.faults.pending()]


def _add_faults(site: Site, request: Request) -> Any:
    body = json.loads(request.read())
    items = body if isinstance(body, list) else [body]
    site.faults.add(*(Fault.model_validate(item) for item in items))
    return _faults(site, request)


def _clear_faults(site: Site, request: Request) -> Any:
    site.faults.clear()
    return _faults(site, request)


def _requests(site: Site, request: Request) -> Any:
    route = request.query.get("route", "* *")
    return [asdict(entry) for entry in site.journal.requests(route)]


def _clear_requests(site: Site, request: Request) -> Any:
    site.journal.clear()
    return _requests(site, request)


def _wait(site: Site, request: Request) -> Any:
    seconds = min(float(request.query.get("seconds", "10")), LONGEST_WAIT_SECONDS)
    count = int(request.query.get("count", "1"))
    return {"arrived": site.journal.wait_for(request.query["route"], count, seconds)}


def _set_check(site: Site, request: Request) -> Any:
    return editing.set_check(site, **json.loads(request.read())).model_dump(mode="json")


def _change_repository(site: Site, request: Request) -> Any:
    full_name = request.path.removeprefix(f"{PREFIX}repositories/")
    changed = editing.change_repository(site, full_name, **json.loads(request.read()))
    return changed.model_dump(mode="json")


_HANDLERS: dict[tuple[str, str], Callable[[Site, Request], Any]] = {
    ("GET", "state"): _state,
    ("GET", "faults"): _faults,
    ("POST", "faults"): _add_faults,
    ("DELETE", "faults"): _clear_faults,
    ("GET", "requests"): _requests,
    ("DELETE", "requests"): _clear_requests,
    ("GET", "wait"): _wait,
    ("POST", "checks"): _set_check,
    ("PATCH", "repositories"): _change_repository,
}


def _json(status: int, data: Any) -> Answer:
    headers = {"Content-Type": "application/json; charset=utf-8"}
    return Answer(status, headers, json.dumps(data).encode())

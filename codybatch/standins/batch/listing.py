"""ListJobs: by status, by one filter, or the children of an array, newest first, in pages."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from codybatch.standins.batch.catalogue import Catalogue
from codybatch.standins.batch.jobs import BatchJob, Status
from codybatch.standins.batch.problems import BatchProblem

LONGEST_PAGE = 1000
LONGEST_FILTERED_PAGE = 100
SUBJECTS = ("jobQueue", "arrayJobId", "multiNodeJobId")


def page_of_jobs(
    body: dict[str, Any], jobs: Mapping[str, BatchJob], catalogue: Catalogue, region: str
) -> dict[str, Any]:
    """One page.

    Raises:
        BatchProblem: what is asked for cannot be understood.
    """
    filters = body.get("filters") or []
    found = _wanted(body, filters, jobs, catalogue, region)
    longest = LONGEST_FILTERED_PAGE if filters else LONGEST_PAGE
    limit = body.get("maxResults", longest)
    if not 1 <= limit <= longest:
        raise BatchProblem(f"maxResults must be between 1 and {longest}.")
    query = {name: body.get(name) for name in (*SUBJECTS, "jobStatus", "filters")}
    digest = hashlib.sha256(json.dumps(query, sort_keys=True).encode()).hexdigest()[:16]
    after = _read(body["nextToken"], digest) if body.get("nextToken") else None
    rest = [job for job in found if after is None or _place(job) < after]
    page = rest[:limit]
    answer: dict[str, Any] = {"jobSummaryList": [job.summary(region) for job in page]}
    if len(rest) > limit:
        answer["nextToken"] = _token(_place(page[-1]), digest)
    return answer


def _wanted(
    body: dict[str, Any],
    filters: list[dict[str, Any]],
    jobs: Mapping[str, BatchJob],
    catalogue: Catalogue,
    region: str,
) -> list[BatchJob]:
    if sum(bool(body.get(name)) for name in SUBJECTS) != 1:
        raise BatchProblem("ListJobs takes one of jobQueue, arrayJobId and multiNodeJobId.")
    if body.get("arrayJobId"):
        return _newest_first(_with_status(_children(body["arrayJobId"], jobs), body))
    queue = catalogue.queue_arn(catalogue.queue(body["jobQueue"], region))
    tops = (job for job in jobs.values() if job.parent is None and job.order.queue == queue)
    if filters:
        return _newest_first(job for job in tops if _filter(filters)(job))
    return _newest_first(_with_status(tops, body))


def _children(name: str, jobs: Mapping[str, BatchJob]) -> list[BatchJob]:
    parent = jobs.get(name)
    if parent is None:
        raise BatchProblem(f"Job {name} does not exist.")
    return [child for child in parent.children if child.id in jobs]


def _with_status(found: Iterable[BatchJob], body: dict[str, Any]) -> Iterable[BatchJob]:
    try:
        status = Status(body.get("jobStatus") or Status.RUNNING)
    except ValueError:
        raise BatchProblem(f"{body['jobStatus']} is no job status.") from None
    return (job for job in found if job.status is status)


def _filter(filters: list[dict[str, Any]]) -> Callable[[BatchJob], bool]:
    if len(filters) != 1 or len(filters[0].get("values", [])) != 1:
        raise BatchProblem("Only one filter with one value can be used at a time.")
    name, value = filters[0].get("name"), str(filters[0]["values"][0])
    if name == "JOB_NAME":
        return lambda job: _fits(value.lower(), job.order.name.lower())
    if name == "JOB_DEFINITION":
        return lambda job: _fits(value, job.order.definition.rpartition("/")[2].partition(":")[0])
    if name == "BEFORE_CREATED_AT":
        return lambda job: job.created_at < int(value)
    if name == "AFTER_CREATED_AT":
        return lambda job: job.created_at > int(value)
    raise BatchProblem(f"{name} is no filter.")


def _fits(pattern: str, text: str) -> bool:
    return text.startswith(pattern[:-1]) if pattern.endswith("*") else text == pattern


def _place(job: BatchJob) -> list[int]:
    return [job.sequence, -(job.index or 0)]


def _newest_first(found: Iterable[BatchJob]) -> list[BatchJob]:
    return sorted(found, key=_place, reverse=True)


def _token(place: list[int], digest: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([digest, place]).encode()).decode()


def _read(token: str, digest: str) -> list[int]:
    try:
        made_for, place = json.loads(base64.urlsafe_b64decode(token))
    except (ValueError, TypeError, binascii.Error):
        made_for, place = "", []
    if made_for != digest:
        raise BatchProblem("Invalid nextToken.")
    return [int(one) for one in place]

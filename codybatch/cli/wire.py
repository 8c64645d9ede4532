"""Requests and jobs as JSON for programs: the names of the wire, and nothing of the store's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from codybatch.domain.jobs import Job, Patch
from codybatch.domain.requests import Request, SkippedRepository
from codybatch.domain.schedules import Schedule
from codybatch.services.calendar_words import in_words

_RESULT = {
    "id",
    "repository",
    "commit",
    "state",
    "ended_because",
    "were_changes_necessary",
    "title",
    "summary",
    "patch",
    "findings",
    "answer",
    "publication",
    "usage",
    "cost_usd",
}
_INNER: dict[str, bool | dict[str, bool]] = {
    **dict.fromkeys(("lease", "version", "reserved_usd", "thread", "profile"), True),
    "lineage": {"salt": True},
}
_OF_PUBLISHERS = {"hold", "earlierCommits"}
"""What only those who publish need to know of each other."""
_PATCH = {"files", "additions", "deletions"}


def request_as_json(request: Request, jobs: Sequence[Job] = ()) -> dict[str, Any]:
    """A request, with the results of its jobs where they are given."""
    shown: dict[str, Any] = request.model_dump(mode="json", by_alias=True, exclude={"version"})
    shown["repositories"] = [str(repository) for repository in request.repositories]
    shown["skipped"] = [skipped_as_json(one) for one in request.skipped]
    if jobs:
        shown["jobs"] = [job_result(job) for job in jobs]
    return shown


def skipped_as_json(skipped: SkippedRepository) -> dict[str, Any]:
    """A repository that a request leaves out, and why."""
    return {"repository": str(skipped.repository), "job": skipped.job, "url": skipped.url}


def schedule_as_json(schedule: Schedule) -> dict[str, Any]:
    """A schedule, with its rule in words."""
    shown: dict[str, Any] = schedule.model_dump(mode="json", by_alias=True, exclude={"version"})
    return {**shown, "ruleInWords": in_words(schedule.rule)}


def job_result(job: Job) -> dict[str, Any]:
    """What came of a job: the fields that are promised, in this order."""
    shown: dict[str, Any] = job.model_dump(mode="json", by_alias=True, include=_RESULT)
    shown["repository"] = job.repository.full_name
    shown["patch"] = _patch(job.patch)
    published = {k: v for k, v in shown["publication"].items() if k not in _OF_PUBLISHERS}
    shown["publication"] = {**published, "url": job.publication.url}
    return shown


def job_as_json(job: Job) -> dict[str, Any]:
    """All that is recorded of a job: its result first, then how it came to it."""
    recorded = job.model_dump(mode="json", by_alias=True, exclude=_INNER)
    more = _more_of_patch(job.patch)
    return {**recorded, **job_result(job), "patch": more}


def _patch(patch: Patch | None) -> dict[str, Any] | None:
    if patch is None:
        return None
    return {**patch.model_dump(include=_PATCH), "sha256": patch.blob.sha256}


def _more_of_patch(patch: Patch | None) -> dict[str, Any] | None:
    if patch is None:
        return None
    more = patch.model_dump(mode="json", by_alias=True, exclude={"blob"})
    return {**(_patch(patch) or {}), "size": patch.blob.size, **more}

"""Requests and jobs as JSON for programs: the names of the wire, and nothing of the store's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from codybatch.domain.jobs import Job
from codybatch.domain.requests import Request

_INNER = {"lease", "version", "reserved_usd", "thread", "profile"}


def request_as_json(request: Request, jobs: Sequence[Job] = ()) -> dict[str, Any]:
    """A request, with its jobs where they are given."""
    shown: dict[str, Any] = request.model_dump(mode="json", by_alias=True, exclude={"version"})
    if jobs:
        shown["jobs"] = [job_as_json(job) for job in jobs]
    return shown


def job_as_json(job: Job) -> dict[str, Any]:
    """A job: repository and publication in short, the rest as it is recorded."""
    shown: dict[str, Any] = job.model_dump(mode="json", by_alias=True, exclude=_INNER)
    shown["repository"] = job.repository.full_name
    shown["patch"] = _patch(job)
    shown["findings"] = shown["findings"] or None
    shown["publication"]["url"] = job.publication.url
    return shown


def _patch(job: Job) -> dict[str, Any] | None:
    if job.patch is None:
        return None
    return {
        "files": job.patch.files,
        "additions": job.patch.additions,
        "deletions": job.patch.deletions,
        "sha256": job.patch.blob.sha256,
        "size": job.patch.blob.size,
        "paths": list(job.patch.paths),
        "applies": job.patch.applies,
    }

"""The columns by which frames are joined, and compared by prompt, model and repository."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from codybatch.analysis.frames.column import TEXT, WHOLE, Column
from codybatch.domain.jobs import Job

R = TypeVar("R")


def job_columns(job_of: Callable[[R], Job]) -> tuple[Column[R], ...]:
    """What every frame below a job begins with.

    Args:
        job_of: the job of a row.
    """
    return (
        Column("job", TEXT, "Id of the job: joins with `jobs()`.", lambda row: job_of(row).id),
        Column(
            "request",
            TEXT,
            "Id of its request: joins with `requests()`.",
            lambda row: job_of(row).request,
        ),
        Column("repository", TEXT, "`owner/name`.", lambda row: job_of(row).repository.full_name),
        Column("prompt", TEXT, "Name of the prompt.", lambda row: job_of(row).prompt.name),
        Column(
            "prompt_version",
            WHOLE,
            "Version of the prompt.",
            lambda row: job_of(row).prompt.version,
        ),
        Column("model", TEXT, "Name of the model.", lambda row: job_of(row).model, is_foreign=True),
    )

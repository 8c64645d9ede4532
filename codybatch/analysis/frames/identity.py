"""The columns by which frames are joined, and compared by prompt, model and repository."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from codybatch.analysis.frames.column import TEXT, WHOLE, Column


def job_columns(where: str = "") -> tuple[Column[Any], ...]:
    """What every frame below a job begins with.

    Args:
        where: the job of a row stands, with a dot after it.
    """

    def of(name: str) -> attrgetter[Any]:
        return attrgetter(where + name)

    return (
        Column("job", TEXT, "Id of the job: joins with `jobs()`.", of("id")),
        Column("request", TEXT, "Id of its request: joins with `requests()`.", of("request")),
        Column("repository", TEXT, "`owner/name`.", of("repository.full_name")),
        Column("prompt", TEXT, "Name of the prompt.", of("prompt.name")),
        Column("prompt_version", WHOLE, "Version of the prompt.", of("prompt.version")),
        Column("model", TEXT, "Name of the model.", of("model"), is_foreign=True),
    )

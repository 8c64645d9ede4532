"""The lists and searches there are, each as a query that an index answers in its order."""

from __future__ import annotations

from codybatch.domain.states import TERMINAL
from codybatch.ports.lists import PageRequest, Partition, PartitionKind
from codybatch.stores.embedded import rows
from codybatch.stores.embedded.pages import ListQuery
from codybatch.stores.lists import check_has_requests, partition_value

_JOB_COLUMN = {
    PartitionKind.STATE: "state",
    PartitionKind.REPOSITORY: "repository",
    PartitionKind.PROMPT: "prompt",
    PartitionKind.REQUESTER: "requester",
    PartitionKind.EXPERIMENT: "experiment",
}
_FLAGGED = {
    PartitionKind.OPEN_PULL_REQUEST: "jobs_with_open_pull_request",
    PartitionKind.UNJUDGED: "jobs_unjudged",
    PartitionKind.WITHHELD: "jobs_withheld",
}
"""The index of each partition that only few jobs are in; its column is named like the kind."""
_REQUEST_COLUMN = {
    PartitionKind.PROMPT: "prompt",
    PartitionKind.REQUESTER: "requester",
    PartitionKind.EXPERIMENT: "experiment",
}


def jobs_of(partition: Partition) -> ListQuery:
    """The jobs of a partition, but for one request's, which come in another order."""
    if partition.kind in _FLAGGED:
        return _flagged_jobs(partition)
    column = _JOB_COLUMN.get(partition.kind)
    return ListQuery(
        name=f"jobs:{partition.kind}:{partition_value(partition)}",
        table="jobs",
        columns=rows.JOB_COLUMNS,
        source="jobs",
        condition=f"jobs.{column} = :value" if column else "true",
        place="jobs.place",
        parameters={"value": partition_value(partition)},
    )


def _flagged_jobs(partition: Partition) -> ListQuery:
    """Few jobs of many: their indexes hold only these, and are named so that they are used."""
    repository = partition_value(partition)
    all_of_them = _FLAGGED[partition.kind]
    index = "jobs_of_repository_with_open_pull_request" if repository else all_of_them
    of_repository = " AND jobs.repository = :value" if repository else ""
    return ListQuery(
        name=f"jobs:{partition.kind}:{repository}",
        table="jobs",
        columns=rows.JOB_COLUMNS,
        source=f"jobs INDEXED BY {index}",
        condition=f"jobs.{partition.kind} = 1{of_repository}",
        place="jobs.place",
        parameters={"value": repository},
    )


def requests_of(partition: Partition) -> ListQuery:
    """The requests of a partition.

    Raises:
        UsageError: requests have no such partition.
    """
    check_has_requests(partition)
    if partition.kind is PartitionKind.REPOSITORY:
        return _requests_of_repository(partition)
    column = _REQUEST_COLUMN.get(partition.kind)
    return ListQuery(
        name=f"requests:{partition.kind}:{partition_value(partition)}",
        table="requests",
        columns=rows.REQUEST_COLUMNS,
        source="requests",
        condition=f"requests.{column} = :value" if column else "true",
        place="requests.place",
        parameters={"value": partition_value(partition)},
    )


def _requests_of_repository(partition: Partition) -> ListQuery:
    value = partition_value(partition)
    return ListQuery(
        name=f"requests:{partition.kind}:{value}",
        table="requests",
        columns=rows.REQUEST_COLUMNS,
        # CROSS JOIN fixes the order: https://www.sqlite.org/optoverview.html#crossjoin
        source="request_repositories AS had CROSS JOIN requests ON requests.place = had.place",
        condition="had.repository = :value",
        place="had.place",
        parameters={"value": value},
    )


def jobs_with(words: tuple[str, ...]) -> ListQuery:
    """The jobs that hold all of ``words``, the rarest first."""
    return _with_words("jobs", rows.JOB_COLUMNS, "job_words", words)


def requests_with(words: tuple[str, ...]) -> ListQuery:
    """The requests that hold all of ``words``, the rarest first."""
    return _with_words("requests", rows.REQUEST_COLUMNS, "request_words", words)


def _with_words(table: str, columns: str, word_table: str, words: tuple[str, ...]) -> ListQuery:
    others = [
        f"EXISTS (SELECT 1 FROM {word_table} WHERE word = :word{number} "  # noqa: S608
        "AND place = found.place)"
        for number in range(1, len(words))
    ]
    return ListQuery(
        name=f"{table} with:{' '.join(sorted(words))}",
        table=table,
        columns=columns,
        source=f"{word_table} AS found CROSS JOIN {table} ON {table}.place = found.place",
        condition=" AND ".join(["found.word = :word0", *others]),
        place="found.place",
        parameters={f"word{number}": word for number, word in enumerate(words)},
    )


def jobs_of_request(page: PageRequest) -> str:
    """The statement for one request's jobs by their index, after ``:last``."""
    times = " AND created_at >= :since" if page.since else ""
    times += " AND created_at < :until" if page.until else ""
    return (
        f"SELECT {rows.JOB_COLUMNS}, printf('%06d', number) AS place FROM jobs "  # noqa: S608
        f"WHERE request = :value AND number > :last{times} ORDER BY number LIMIT :rows"
    )


LINEAGE = f"SELECT {rows.JOB_COLUMNS} FROM jobs WHERE lineage = ? ORDER BY place"  # noqa: S608
"""The jobs of a lineage, oldest first."""

_ENDED = ", ".join(f"'{state}'" for state in sorted(TERMINAL))
AT_WORK = (
    f"SELECT {rows.JOB_COLUMNS} FROM jobs WHERE lineage = ? "  # noqa: S608
    f"AND state NOT IN ({_ENDED}) ORDER BY place LIMIT 1"
)
"""The job of a lineage that has not ended."""

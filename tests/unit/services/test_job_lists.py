"""Lists of jobs that several things are asked of at once."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from codybatch.domain.errors import InvalidCursor
from codybatch.domain.states import JobState
from codybatch.ports import PartitionKind
from codybatch.services.job_lists import (
    LOOKS,
    JobFilter,
    filtered_jobs,
    jobs_file,
    pages_of_jobs,
)
from tests.ui_kit import SECRET, Gallery


@pytest.fixture
def gallery(tmp_path: Path) -> Iterator[Gallery]:
    made = Gallery(tmp_path)
    yield made
    made.close()


def names(gallery: Gallery, wanted: JobFilter) -> list[str]:
    return [job.repository.name for job in filtered_jobs(gallery.records, wanted, 50).items]


@pytest.mark.parametrize(
    ("wanted", "kind"),
    [
        (JobFilter(), PartitionKind.EVERYTHING),
        (JobFilter(state=JobState.FAILED), PartitionKind.STATE),
        (JobFilter(state=JobState.FAILED, requester="dana"), PartitionKind.REQUESTER),
        (JobFilter(requester="dana", prompt="update"), PartitionKind.PROMPT),
        (JobFilter(prompt="update", repository="acme/api"), PartitionKind.REPOSITORY),
        (JobFilter(request="01", repository="acme/api"), PartitionKind.REQUEST),
    ],
)
def test_the_store_is_asked_for_the_narrowest_list(wanted: JobFilter, kind: PartitionKind) -> None:
    assert wanted.partition.kind is kind


def test_all_that_is_asked_for_holds_of_each_job(gallery: Gallery) -> None:
    gallery.published("acme/api")
    gallery.cancelled("acme/api")
    gallery.cancelled("acme/web")
    cancelled, api = JobState.CANCELLED, "acme/api"

    assert names(gallery, JobFilter(state=cancelled)) == ["api", "web"]
    assert names(gallery, JobFilter(state=cancelled, repository=api)) == ["api"]
    assert names(gallery, JobFilter(state=cancelled, words="web")) == ["web"]
    assert names(gallery, JobFilter(requester="alice", prompt="update", words="api")) == [
        "api",
        "api",
    ]
    assert names(gallery, JobFilter(repository="ACME/Web")) == ["web"]
    assert names(gallery, JobFilter(requester="bob")) == []


def test_a_list_begins_at_a_time_searched_or_not(gallery: Gallery) -> None:
    gallery.cancelled("acme/new")
    gallery.cancelled("acme/old")
    since = datetime.now(UTC) - timedelta(minutes=10)

    assert names(gallery, JobFilter(since=since)) == ["new"]
    assert names(gallery, JobFilter(since=since, words="acme")) == ["new"]


def test_a_list_ends_at_a_time_searched_or_not(gallery: Gallery) -> None:
    gallery.cancelled("acme/new")
    gallery.cancelled("acme/old")
    until = datetime.now(UTC) - timedelta(minutes=10)

    assert names(gallery, JobFilter(until=until)) == ["old"]
    assert names(gallery, JobFilter(until=until, words="acme")) == ["old"]


def test_jobs_of_one_request_are_narrowed_like_others(gallery: Gallery) -> None:
    jobs = gallery.mixed_request()
    gallery.ended("acme/api")
    request = jobs[0].request

    assert names(gallery, JobFilter(request=request)) == [job.repository.name for job in jobs]
    assert names(gallery, JobFilter(request=request, state=JobState.FAILED)) == ["vanished"]
    assert names(gallery, JobFilter(request=request, repository="acme/api")) == ["api"]
    assert names(gallery, JobFilter(request=request, words="ingest utcnow")) == ["ingest"]


def test_every_job_that_fits_comes_once_as_far_as_is_asked(gallery: Gallery) -> None:
    for number in range(LOOKS + 2):
        gallery.cancelled(f"acme/no-{number}")
        gallery.ended(f"acme/yes-{number}")
    wanted = JobFilter(state=JobState.SUCCEEDED, requester="alice")

    def found(most: int | None) -> list[str]:
        pages = pages_of_jobs(gallery.records, wanted, most)
        return [job.repository.name for page in pages for job in page]

    assert found(None) == [f"yes-{number}" for number in range(LOOKS + 2)]
    assert found(3) == ["yes-0", "yes-1", "yes-2"]
    assert found(1) == ["yes-0"]
    assert found(0) == []


def test_pages_follow_each_other_without_gap_or_repetition(gallery: Gallery) -> None:
    for number in range(7):
        gallery.cancelled(f"acme/no-{number}")
        gallery.ended(f"acme/yes-{number}")
    wanted = JobFilter(state=JobState.SUCCEEDED, requester="alice")

    seen, cursor = [], None
    while True:
        page = filtered_jobs(gallery.records, wanted, 3, cursor)
        assert len(page.items) <= 3
        seen += [job.repository.name for job in page.items]
        cursor = page.cursor
        if cursor is None:
            break

    assert seen == [f"yes-{number}" for number in range(7)]


def test_where_few_fit_a_page_looks_only_so_far_and_leads_on(gallery: Gallery) -> None:
    for number in range(LOOKS + 2):
        gallery.cancelled(f"acme/no-{number}")
    gallery.ended("acme/yes")
    wanted = JobFilter(state=JobState.SUCCEEDED, requester="alice")

    first = filtered_jobs(gallery.records, wanted, 1)
    second = filtered_jobs(gallery.records, wanted, 1, first.cursor)

    assert first.items == ()
    assert [job.repository.name for job in second.items] == ["yes"]


def test_a_cursor_of_another_list_is_refused(gallery: Gallery) -> None:
    with pytest.raises(InvalidCursor):
        filtered_jobs(gallery.records, JobFilter(state=JobState.FAILED), 1, "forged")


def test_a_file_holds_no_secret_no_formula_and_nothing_hidden(gallery: Gallery) -> None:
    jobs = [gallery.ended("acme/sum", title=f"=SUM(A1) {SECRET} \u202e"), gallery.running()]

    text = jobs_file(jobs, lambda text: text.replace(SECRET, "[secret]"))

    first, second = csv.DictReader(io.StringIO(text))
    assert first["title"] == "'=SUM(A1) [secret] \\u202e"
    assert (first["state"], first["costUsd"], first["prompt"]) == ("succeeded", "0.84", "update v1")
    assert (second["endedAt"], second["files"]) == ("", "")

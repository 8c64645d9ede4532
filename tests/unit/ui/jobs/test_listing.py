"""The list of jobs as a page shows it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from codybatch.composition import Application, application
from codybatch.settings import load_settings
from codybatch.ui.jobs.listing import ROWS, JobList, JobQuery, job_list
from tests.ui_kit import Gallery


@pytest.fixture
def gallery(tmp_path: Path) -> Iterator[Gallery]:
    made = Gallery(tmp_path)
    yield made
    made.close()


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Application]:
    made = application(load_settings(home=tmp_path))
    yield made
    made.close()


NEWEST = JobQuery()


def listed(app: Application, asked: JobQuery = NEWEST) -> JobList:
    return job_list(app.jobs, app.net.clean, datetime.now(UTC), asked)


def test_pages_follow_each_other_without_gap_or_repetition(
    app: Application, gallery: Gallery
) -> None:
    made = [gallery.cancelled(f"acme/r{number}").id for number in range(ROWS + 2)]

    first = listed(app)
    second = listed(app, JobQuery(cursor=first.cursor))

    assert [row.id for row in (*first.rows, *second.rows)] == made
    assert second.cursor is None


def test_a_cursor_of_another_list_begins_again(app: Application, gallery: Gallery) -> None:
    gallery.cancelled()

    found = listed(app, JobQuery(state="failed", cursor="of-another"))

    assert found.begins_again
    assert not found.rows


def test_the_address_holds_what_was_asked_and_nothing_empty() -> None:
    assert JobQuery(state="failed", words=" a b ").address("c") == {
        "q": "a b",
        "state": "Failed",
        "cursor": "c",
    }
    assert JobQuery().address(None) == {}

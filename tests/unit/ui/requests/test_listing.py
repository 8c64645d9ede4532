"""The list of requests as a page shows it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from codybatch.composition import Application, application
from codybatch.domain.identifiers import Person
from codybatch.settings import load_settings
from codybatch.ui.requests.listing import ROWS, RequestList, RequestQuery, request_list
from tests.contracts.examples import ALICE
from tests.ui_kit import HIDING, SECRET, Gallery

NEWEST = RequestQuery()


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


def listed(app: Application, asked: RequestQuery = NEWEST) -> RequestList:
    return request_list(app.requests, app.net.clean, datetime.now(UTC), asked)


def titles(found: RequestList) -> list[str]:
    return [row.title for row in found.rows]


def test_pages_follow_each_other_without_gap_or_repetition(
    app: Application, gallery: Gallery
) -> None:
    for number in range(ROWS + 2):
        gallery.request("acme/api", title=f"Request {number}")

    first = listed(app)
    second = listed(app, RequestQuery(cursor=first.cursor))

    assert titles(first) + titles(second) == [f"Request {number}" for number in range(ROWS + 2)]
    assert second.cursor is None


def test_each_filter_narrows_the_list(app: Application, gallery: Gallery) -> None:
    gallery.request("acme/api", title="One")
    gallery.request("acme/web", title="Two", requester=Person("bob"))

    assert titles(listed(app, RequestQuery(words="two"))) == ["Two"]
    assert titles(listed(app, RequestQuery(repository="acme/api"))) == ["One"]
    assert titles(listed(app, RequestQuery(mine=ALICE))) == ["One"]
    assert titles(listed(app, RequestQuery(prompt="update"))) == ["One", "Two"]
    assert titles(listed(app, RequestQuery(prompt="another"))) == []


def test_a_cursor_of_another_list_begins_again(app: Application, gallery: Gallery) -> None:
    gallery.request("acme/api")

    found = listed(app, RequestQuery(cursor="forged"))

    assert found.begins_again
    assert len(found.rows) == 1


def test_the_address_holds_what_was_asked_and_nothing_empty() -> None:
    asked = RequestQuery(words=" a b ", mine=ALICE)

    assert asked.address("c") == {"q": "a b", "mine": "true", "cursor": "c"}
    assert RequestQuery(prompt="p").address(None) == {"prompt": "p"}


def test_it_looks_again_while_something_goes_on(app: Application, gallery: Gallery) -> None:
    jobs = gallery.request("acme/api")
    assert listed(app).refresh_seconds == 2

    gallery.settle(gallery.begun(jobs[0]))

    assert listed(app).refresh_seconds is None


def test_hostile_titles_are_shown_without_secrets_and_with_what_they_hide(
    app: Application, gallery: Gallery
) -> None:
    gallery.request("acme/api", title=f"Use {SECRET} {HIDING}")

    (row,) = listed(app).rows

    assert SECRET not in row.title
    assert r"abc\u202edef" in row.title

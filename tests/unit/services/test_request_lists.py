"""Lists of requests that several things are asked of at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from codybatch.domain.errors import NotFound
from codybatch.services.request_lists import RequestFilter, pages_of_requests
from tests.ui_kit import Gallery

UNKNOWN = "01kjmma2g0pa6rw00zkbtwq5aw"


@pytest.fixture
def gallery(tmp_path: Path) -> Iterator[Gallery]:
    made = Gallery(tmp_path)
    yield made
    made.close()


def names(gallery: Gallery, wanted: RequestFilter, most: int | None = None) -> list[str]:
    pages = pages_of_requests(gallery.records, wanted, most)
    return [request.repositories[0].name for page in pages for request in page]


def test_all_that_is_asked_for_holds_of_each_request(gallery: Gallery) -> None:
    newest = gallery.request("acme/api", "acme/web")[0].request
    gallery.request("acme/old")
    ten_minutes_ago = datetime.now(UTC) - timedelta(minutes=10)

    assert names(gallery, RequestFilter()) == ["api", "old"]
    assert names(gallery, RequestFilter(repository="ACME/Web")) == ["api"]
    assert names(gallery, RequestFilter(prompt="update", requester="alice")) == ["api", "old"]
    assert names(gallery, RequestFilter(prompt="update", requester="bob")) == []
    assert names(gallery, RequestFilter(repository="acme/web", prompt="other")) == []
    assert names(gallery, RequestFilter(since=ten_minutes_ago)) == ["api"]
    assert names(gallery, RequestFilter(until=ten_minutes_ago)) == ["old"]
    assert names(gallery, RequestFilter(request=newest)) == ["api"]
    assert names(gallery, RequestFilter(request=newest, prompt="other")) == []


def test_no_more_come_than_are_asked_for(gallery: Gallery) -> None:
    for number in range(3):
        gallery.request(f"acme/{number}")

    assert names(gallery, RequestFilter(), most=2) == ["0", "1"]
    assert names(gallery, RequestFilter(), most=0) == []


def test_an_id_that_there_is_not_is_said(gallery: Gallery) -> None:
    with pytest.raises(NotFound):
        names(gallery, RequestFilter(request=UNKNOWN))

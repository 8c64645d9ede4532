"""The first page, in each of its states."""

from __future__ import annotations

from tests.ui.conftest import OpenPage
from tests.ui.page_contents import links, rows, said, texts
from tests.ui_kit import SECRET, Gallery


def test_a_new_user_is_led_to_the_first_request(open_page: OpenPage) -> None:
    page = open_page()

    assert not page.exception
    assert "CODYBATCH_ALLOWED_REPOSITORIES" in page.code[0].value
    assert "Compose with the sample prompt" in [link.proto.label for link in links(page)]


def test_a_busy_store_shows_what_needs_a_person(gallery: Gallery, open_page: OpenPage) -> None:
    gallery.everything()

    page = open_page()

    assert not page.exception
    assert {"Running now", "Success", "Acceptance", "Spent today"} == {
        metric.label for metric in page.metric
    }
    assert "acme/payments" in rows(page)
    assert "acme/ingest-service" in rows(page)
    assert any(label.startswith("Judge ") for label in [link.proto.label for link in links(page)])


def test_nothing_to_do_is_said(gallery: Gallery, open_page: OpenPage) -> None:
    gallery.cancelled()

    assert "**Nothing needs you**" in [one.value for one in open_page().markdown]


def test_hostile_text_is_plain_text_without_secrets(gallery: Gallery, open_page: OpenPage) -> None:
    gallery.hostile()

    page = open_page()

    assert SECRET not in said(page)
    assert any("[x](http://x.invalid)" in text for text in texts(page))

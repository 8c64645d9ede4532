"""The page that lists jobs, in each of its states."""

from __future__ import annotations

import sqlite3

import pytest
from streamlit.testing.v1 import AppTest

from tests.ui.conftest import OpenPage
from tests.ui.page_contents import PLAIN, elements, links, parameters, rows, said, texts
from tests.ui_kit import SECRET, Gallery


def test_an_empty_list_says_how_the_first_request_is_made(open_page: OpenPage) -> None:
    page = open_page()

    assert not page.exception
    assert page.info[0].value.startswith("No jobs yet.")
    assert "codybatch submit" in page.code[0].value


def test_every_job_is_a_row_that_leads_to_its_result(gallery: Gallery, open_page: OpenPage) -> None:
    job = gallery.published("acme/api")
    gallery.cancelled("acme/my__repo")

    page = open_page()

    assert rows(page) == ["acme/api", "acme/my__repo"]
    assert links(page)[0].proto.query_string == f"id={job.id}"
    assert {"Use timezone-aware datetimes", "+1 \N{MINUS SIGN}1", "$0.84"} <= set(texts(page))


def test_every_state_is_shown_by_a_word(gallery: Gallery, open_page: OpenPage) -> None:
    gallery.everything()

    badges = " ".join(element.value for element in open_page().markdown)

    for word in ("Queued", "Running", "Waiting", "Succeeded", "Partial", "Failed", "Cancelled"):
        assert word in badges


def test_the_address_filters_by_state(gallery: Gallery, open_page: OpenPage) -> None:
    gallery.everything()

    assert rows(open_page(state="Failed")) == ["acme/vanished"]


def test_the_address_searches_and_says_that_states_are_not_used(
    gallery: Gallery, open_page: OpenPage
) -> None:
    gallery.everything()

    page = open_page(q="second thoughts", state="Failed")

    assert rows(page) == ["acme/second-thoughts"]
    assert page.button_group[0].disabled


def test_a_search_that_finds_nothing_says_what_to_do(gallery: Gallery, open_page: OpenPage) -> None:
    gallery.published()

    page = open_page(q="nowhere")

    assert page.info[0].value.startswith("No job matches.")


def test_the_way_to_older_jobs_and_back_keeps_the_filter(
    gallery: Gallery, open_page: OpenPage
) -> None:
    for number in range(27):
        gallery.cancelled(f"acme/repository-{number}")

    first = open_page(state="Cancelled")
    second = open_page(**parameters(first, "Older"))

    assert rows(first)[0] == "acme/repository-0"
    assert len(rows(first)) == 25
    assert rows(second) == ["acme/repository-25", "acme/repository-26"]
    assert parameters(second, "Newest") == {"state": "Cancelled"}


def test_another_filter_begins_at_its_newest_job(gallery: Gallery, open_page: OpenPage) -> None:
    for number in range(26):
        gallery.cancelled(f"acme/repository-{number}")
    second = open_page(**parameters(open_page(), "Older"))

    second.text_input(key="q").set_value("repository").run()

    assert "cursor" not in second.query_params
    assert len(rows(second)) == 25


def test_a_page_that_does_not_exist_shows_the_newest_jobs(
    gallery: Gallery, open_page: OpenPage
) -> None:
    gallery.published()

    page = open_page(cursor="forged")

    assert rows(page) == ["acme/api"]
    assert "does not exist" in page.caption[0].value


def test_hostile_text_is_plain_text_without_secrets(gallery: Gallery, open_page: OpenPage) -> None:
    gallery.hostile()

    page = open_page()

    assert "[x](http://x.invalid)" in texts(page)[0]
    assert r"abc\u202edef\x1b[31m\u200b" in texts(page)[0]
    assert SECRET not in said(page)
    assert "x.invalid" not in str([one.proto for one in elements(page, but=PLAIN)])


def test_the_demonstration_is_labelled(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CODYBATCH_DEMONSTRATION", "true")

    assert "nothing was spent" in open_page().caption[0].value


def test_another_environment_is_another_application(
    gallery: Gallery,
    open_page: OpenPage,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    gallery.published()
    assert rows(open_page())

    monkeypatch.setenv("CODYBATCH_HOME", str(tmp_path_factory.mktemp("another")))

    assert not rows(open_page())


def test_a_page_keeps_no_lock_on_the_store(gallery: Gallery, open_page: OpenPage) -> None:
    gallery.everything()
    open_page()

    with sqlite3.connect(gallery.home / "codybatch.db", timeout=0) as somebody_else:
        busy, *_ = somebody_else.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        somebody_else.execute("BEGIN EXCLUSIVE")
    somebody_else.close()

    assert busy == 0


def test_a_store_that_cannot_be_read_is_told_with_a_number_that_the_log_knows(
    gallery: Gallery, open_page: OpenPage, caplog: pytest.LogCaptureFixture
) -> None:
    gallery.home.mkdir()
    (gallery.home / "codybatch.db").write_bytes(b"not a database" * 1000)

    page = open_page()

    assert "The list of jobs could not be shown" in page.markdown[0].value
    assert "Traceback" not in said(page)
    number = texts(page)[0].rpartition("by ")[2].rstrip(".")
    assert number in caplog.text
    assert [button.label for button in page.button] == ["Try again"]


def test_a_setting_that_cannot_be_used_is_named(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CODYBATCH_MAX_TURNS", "many")

    assert "CODYBATCH_MAX_TURNS" in texts(open_page())[0]


def test_the_way_back_from_a_job_leads_to_the_list_as_it_was(
    gallery: Gallery, open_page: OpenPage
) -> None:
    gallery.everything()
    page: AppTest = open_page(state="Failed")

    page.switch_page("pages/job.py").run()

    assert parameters(page, "Jobs") == {"state": "Failed"}

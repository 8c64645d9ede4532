"""The page that lists jobs, in each of its states."""

from __future__ import annotations

import sqlite3

import pytest
from streamlit.testing.v1 import AppTest

from tests.ui.conftest import OpenPage
from tests.ui.page_contents import PLAIN, elements, links, parameters, rows, said, texts
from tests.ui_kit import SECRET, Gallery


@pytest.fixture
def open_page(open_page: OpenPage) -> OpenPage:
    """Opens the list of jobs, or another page by its name."""

    def opened(page: str = "jobs", **parameters: str) -> AppTest:
        return open_page(page, **parameters)

    return opened


def test_an_empty_list_says_how_the_first_request_is_made(open_page: OpenPage) -> None:
    page = open_page()

    assert not page.exception
    assert "**No jobs yet**" in [one.value for one in page.markdown]
    assert parameters(page, "New request") == {}


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


def test_the_address_searches_among_all_that_the_filters_let_through(
    gallery: Gallery, open_page: OpenPage
) -> None:
    gallery.everything()

    assert rows(open_page(q="second thoughts")) == ["acme/second-thoughts"]
    assert rows(open_page(q="second thoughts", state="Cancelled")) == ["acme/second-thoughts"]
    assert rows(open_page(q="second thoughts", state="Failed")) == []


@pytest.mark.parametrize(
    ("parameters", "found"),
    [
        ({"repository": "acme/api"}, ["acme/api"]),
        ({"repository": "acme/api", "state": "Failed"}, []),
        ({"prompt": "update", "state": "Failed"}, ["acme/vanished"]),
        ({"prompt": "another"}, []),
        ({"by": "alice", "state": "Failed", "since": "7 days"}, ["acme/vanished"]),
        ({"by": "bob"}, []),
    ],
)
def test_filters_hold_together(
    gallery: Gallery, open_page: OpenPage, parameters: dict[str, str], found: list[str]
) -> None:
    gallery.everything()

    page = open_page(**parameters)

    assert not page.exception
    assert rows(page) == found


def test_a_repository_that_is_none_is_said_in_words(open_page: OpenPage) -> None:
    page = open_page(repository="not a repository")

    assert not page.exception
    assert "not a repository" in said(page)
    assert not page.button


def test_the_same_list_is_a_table(gallery: Gallery, open_page: OpenPage) -> None:
    gallery.published()
    gallery.hostile("acme/nasty")

    page = open_page(view="Table")

    (table,) = page.dataframe
    assert list(table.value["Repository"]) == ["acme/api", "acme/nasty"]
    assert list(table.value["Cost"]) == [0.84, 0.84]
    assert SECRET not in table.value.to_csv()
    assert "\u202e" not in table.value.to_csv()


def test_a_search_that_finds_nothing_says_what_to_do(gallery: Gallery, open_page: OpenPage) -> None:
    gallery.published()

    page = open_page(q="nowhere")

    assert "**No job matches**" in [one.value for one in page.markdown]


def test_the_way_to_older_jobs_and_back_keeps_the_filter(
    gallery: Gallery, open_page: OpenPage
) -> None:
    for number in range(27):
        gallery.cancelled(f"acme/repository-{number}")
    page = open_page(state="Cancelled")
    first = rows(page)

    page.button(key="paging-older").click().run()
    second = rows(page)
    cursor = page.query_params["cursor"]
    page.button(key="paging-newest").click().run()

    assert first == [f"acme/repository-{number}" for number in range(25)]
    assert second == ["acme/repository-25", "acme/repository-26"]
    assert rows(open_page(state="Cancelled", cursor=cursor)) == second
    assert rows(page) == first
    assert "cursor" not in page.query_params


def test_another_filter_begins_at_its_newest_job(gallery: Gallery, open_page: OpenPage) -> None:
    for number in range(26):
        gallery.cancelled(f"acme/repository-{number}")
    page = open_page()
    page.button(key="paging-older").click().run()
    assert len(rows(page)) == 1

    page.text_input(key="q").set_value("repository").run()

    assert "cursor" not in page.query_params
    assert len(rows(page)) == 25


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


@pytest.mark.parametrize("page", ["", "job"])
def test_the_demonstration_is_labelled_on_every_page(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    monkeypatch.setenv("CODYBATCH_DEMONSTRATION", "true")

    assert texts(open_page(page))[0].startswith("Demonstration: a stand-in model")


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

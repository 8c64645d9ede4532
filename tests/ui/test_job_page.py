"""The page of one job, in each of its states."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from codybatch.domain.jobs import Job
from codybatch.domain.states import EndedBecause, JobState
from tests.ui.conftest import OpenPage
from tests.ui.page_contents import PLAIN, drawn_diff, elements, said, texts
from tests.ui_kit import PULL_REQUEST, SECRET, Gallery


def markdown(page: AppTest) -> str:
    return "\n".join(element.value for element in page.markdown)


def test_a_deep_link_into_a_new_server_shows_the_job_with_the_whole_navigation(
    gallery: Gallery, open_page: OpenPage
) -> None:
    job = gallery.published()

    page = open_page("job", id=job.id)

    assert not page.exception
    assert page.title[0].value == r"acme\/api"
    assert page.query_params["id"] == job.id


def test_a_finished_job_shows_what_was_said_changed_and_paid(
    gallery: Gallery, open_page: OpenPage
) -> None:
    page = open_page("job", id=gallery.published().id)

    shown = texts(page)
    assert {"Changes were necessary.", "Replaced utcnow() in one place.", "$0.84"} <= set(shown)
    assert "• Run the linter over the tests, too." in shown
    assert {"src/ingest.py", "+1 \N{MINUS SIGN}1"} <= set(shown)


def test_the_address_names_the_tab_and_only_that_is_filled(
    gallery: Gallery, open_page: OpenPage
) -> None:
    page = open_page("job", id=gallery.published().id, tab="Diff")

    assert [file["path"] for file in drawn_diff(page)["files"]] == ["src/ingest.py"]
    assert "Replaced utcnow() in one place." not in texts(page)


def test_a_tab_that_there_is_not_shows_the_result(gallery: Gallery, open_page: OpenPage) -> None:
    page = open_page("job", id=gallery.published().id, tab="nonsense")

    assert "Replaced utcnow() in one place." in texts(page)


def test_an_open_pull_request_is_a_click_away(gallery: Gallery, open_page: OpenPage) -> None:
    page = open_page("job", id=gallery.published().id)

    assert [button.proto.url for button in page.get("link_button")] == [PULL_REQUEST]
    assert "Pull request #7" in texts(page)
    assert "Draft" in markdown(page)


def test_the_demonstration_offers_no_pull_request_of_a_stand_in_that_has_ended(
    gallery: Gallery, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CODYBATCH_DEMONSTRATION", "true")

    page = open_page("job", id=gallery.published().id)

    assert not page.get("link_button")
    assert any("stand-in for GitHub does not run now" in text for text in texts(page))


def test_the_living_demonstration_offers_its_pull_requests(
    gallery: Gallery, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CODYBATCH_DEMONSTRATION", "true")
    monkeypatch.setenv("GITHUB_SERVER_URL", "http://127.0.0.1:9")

    page = open_page("job", id=gallery.published().id)

    assert [button.proto.url for button in page.get("link_button")] == [PULL_REQUEST]


def test_what_the_gate_found_is_to_be_reviewed_first(gallery: Gallery, open_page: OpenPage) -> None:
    page = open_page("job", id=gallery.held_back().id)

    assert "Review this first" in markdown(page)
    assert (
        "Sensitive path · .github/workflows/ci.yml · Workflows run with the repository's secrets."
        in texts(page)
    )
    assert "It named src/other.py as changed, which it is not." in texts(page)


def test_a_running_job_says_what_it_does_now(gallery: Gallery, open_page: OpenPage) -> None:
    page = open_page("job", id=gallery.running().id)

    assert "Claude is at work · turn 14 · edit_file src/ingest.py" in texts(page)
    assert "**No result yet**" in markdown(page)


def test_a_waiting_job_says_why_and_what_to_do(gallery: Gallery, open_page: OpenPage) -> None:
    page = open_page("job", id=gallery.waiting(detail="The service answered 401.").id)

    assert "A service refused the credential" in markdown(page)
    assert "The service answered 401." in texts(page)
    assert any("codybatch doctor" in text for text in texts(page))


def test_a_failed_job_says_why_and_what_to_do(gallery: Gallery, open_page: OpenPage) -> None:
    why = EndedBecause.REPOSITORY_UNAVAILABLE
    job = gallery.ended("acme/api", why, JobState.FAILED, ended_detail="not found")

    page = open_page("job", id=job.id)

    assert "The repository could not be cloned" in markdown(page)
    assert {"not found", "Check that it still exists and can be reached, then “Retry”."} <= set(
        texts(page)
    )


def test_a_cancelled_job_says_so(gallery: Gallery, open_page: OpenPage) -> None:
    page = open_page("job", id=gallery.cancelled().id)

    assert "Cancelled by alice. Was that a mistake? Use “Retry”." in texts(page)


def test_a_job_without_a_change_says_that_none_was_needed(
    gallery: Gallery, open_page: OpenPage
) -> None:
    page = open_page("job", id=gallery.ended(were_changes_necessary=False, summary="Looked.").id)

    assert "No change was needed." in texts(page)
    assert page.info[0].value == "No change was needed, so there is no patch."


def test_an_audit_shows_its_worst_finding_first(gallery: Gallery, open_page: OpenPage) -> None:
    page = open_page("job", id=gallery.audited().id)

    shown = texts(page)
    assert shown.index("sql-injection · billing/query.py:40-44") < shown.index("naming · b.py")
    assert {"2 findings", "Use a parameter."} <= set(shown)
    assert not page.info


def test_hostile_text_is_plain_text_without_secrets_wherever_it_stands(
    gallery: Gallery, open_page: OpenPage
) -> None:
    job = gallery.hostile()
    page, diff = open_page("job", id=job.id), open_page("job", id=job.id, tab="Diff")

    shown = texts(page) + [code.value for code in page.code]
    for place in ("Request", "Title", "# Summary", "Verified", "Detail", "Doubt", "• Next"):
        assert any(text.startswith(f"{place} <b>bold</b> **md**") for text in shown), place
    assert r"abc\u202edef\x1b[31m\u200b" in drawn_diff(diff)["bodies"]["0:0"][0][-1]
    for one in (page, diff):
        assert SECRET not in said(one)
        assert "\u202e" not in said(one)
        assert "x.invalid" not in str([part.proto for part in elements(one, but=PLAIN)])


def test_an_address_that_is_no_web_address_gets_no_link(
    gallery: Gallery, open_page: OpenPage
) -> None:
    page = open_page("job", id=gallery.hostile().id)

    assert not page.get("link_button")


@pytest.mark.parametrize("written", ["nonsense", "<b>x</b>", f"{'0' * 26}-1"])
def test_a_job_that_does_not_exist_is_said_in_words(open_page: OpenPage, written: str) -> None:
    page = open_page("job", id=written)

    assert not page.exception
    assert "This job could not be shown" in markdown(page)
    assert written in texts(page)[0]
    assert not page.button


def test_a_damaged_patch_is_told_with_a_number_that_the_log_knows(
    gallery: Gallery, open_page: OpenPage, caplog: pytest.LogCaptureFixture
) -> None:
    job = damaged(gallery)

    page = open_page("job", id=job.id)

    (told,) = [text for text in texts(page) if "The log names it by" in text]
    assert page.title[0].value == r"acme\/api"
    assert "Traceback" not in said(page)
    assert told.rpartition("by ")[2].rstrip(".") in caplog.text


def test_without_an_id_the_list_is_named(open_page: OpenPage) -> None:
    assert "Choose one from the list of jobs." in texts(open_page("job"))


def damaged(gallery: Gallery) -> Job:
    """A job whose patch was overwritten behind the store's back."""
    job = gallery.published()
    (blob,) = (file for file in gallery.home.rglob("patch*") if file.is_file())
    blob.chmod(0o600)
    blob.write_bytes(blob.read_bytes()[:-3] + b"???")
    return job

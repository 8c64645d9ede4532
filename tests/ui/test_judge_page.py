"""The judging queue, in each of its states."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from codybatch.domain.findings import Decision
from codybatch.domain.identifiers import JobId, Person
from codybatch.domain.jobs import Job
from codybatch.domain.states import EndedBecause, JobState
from tests.ui.conftest import OpenPage
from tests.ui.page_contents import said, texts
from tests.ui_kit import DIFF, Gallery

ME = "dana"


@pytest.fixture(autouse=True)
def _person(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODYBATCH_PERSON", ME)


@pytest.fixture
def jobs(gallery: Gallery) -> tuple[Job, ...]:
    """A request of three jobs that ended with a result, and one that failed."""
    return gallery.request_of(
        *(
            ("acme/one", {"title": "First", "patch": DIFF}),
            ("acme/two", {"title": "Second", "patch": DIFF}),
        ),
        ("acme/lost", {"state": JobState.FAILED, "because": EndedBecause.REPOSITORY_UNAVAILABLE}),
        ("acme/three", {"title": "Third", "patch": DIFF}),
    )


def mine(gallery: Gallery, job: JobId) -> Decision | None:
    given = {verdict.rater: verdict.decision for verdict in gallery.records.verdicts(job)}
    return given.get(Person(ME))


def press(page: AppTest, key: str) -> AppTest:
    return page.button(key=key).click().run()


def test_job_after_job_is_judged_until_nothing_is_left(
    gallery: Gallery, open_page: OpenPage, jobs: tuple[Job, ...]
) -> None:
    one, two, _, three = jobs
    page = open_page("judge", request=one.request)
    assert "First" in texts(page)
    assert "1 of 3" in said(page)

    press(page, "job-accept")
    assert "Second" in texts(page)
    assert page.code[0].value == DIFF.decode().removesuffix("\n")
    assert page.query_params["job"] == two.id
    press(page, "job-reject")
    assert "3 of 3" in said(page)
    press(page, "judge-next")

    assert "**Nothing to judge.**" in [one.value for one in page.markdown]
    assert [mine(gallery, job.id) for job in jobs] == [
        Decision.ACCEPT,
        Decision.REJECT,
        None,
        None,
    ]
    assert three.id not in page.query_params.get("job", "")


def test_what_is_written_goes_with_the_decision(
    gallery: Gallery, open_page: OpenPage, jobs: tuple[Job, ...]
) -> None:
    one = jobs[0]
    page = open_page("judge", request=one.request)

    page.text_area(key=f"job-comment-{one.id}").set_value("Too much.").run()
    press(page, "job-reject")

    (verdict,) = gallery.records.verdicts(one.id)
    assert (verdict.decision, verdict.comment) == (Decision.REJECT, "Too much.")
    assert page.text_area(key=f"job-comment-{jobs[1].id}").value == ""


def test_one_goes_back_and_takes_a_verdict_back(
    gallery: Gallery, open_page: OpenPage, jobs: tuple[Job, ...]
) -> None:
    page = press(open_page("judge", request=jobs[0].request), "job-accept")

    press(page, "judge-previous")
    assert "First" in texts(page)
    press(page, "job-undo")

    assert mine(gallery, jobs[0].id) is None
    assert "First" in texts(page)


def test_a_reload_shows_the_same_job_and_none_that_was_judged(
    open_page: OpenPage, jobs: tuple[Job, ...]
) -> None:
    page = press(open_page("judge", request=jobs[0].request), "job-accept")

    again = open_page("judge", request=jobs[0].request, job=page.query_params["job"])

    assert "Second" in texts(again)
    assert "1 of 2" in said(again)


def test_others_judging_does_not_take_a_job_away(
    gallery: Gallery, open_page: OpenPage, jobs: tuple[Job, ...]
) -> None:
    page = open_page("judge", request=jobs[0].request)
    gallery.judge(jobs[1], "bob", Decision.REJECT, comment="No.")

    press(page, "judge-next")

    assert {"Second", "No."} <= set(texts(page))


def test_without_a_request_all_that_nobody_judged_is_shown(
    gallery: Gallery, open_page: OpenPage, jobs: tuple[Job, ...]
) -> None:
    gallery.judge(jobs[1], "bob", Decision.ACCEPT)
    gallery.audited("acme/another")

    page = open_page("judge")
    shown = []
    while "judge-next" in [button.key for button in page.button]:
        shown.append(page.query_params["job"])
        press(page, "judge-next")

    assert len(shown) == 3
    assert jobs[1].id not in shown
    assert {jobs[0].id, jobs[3].id} < set(shown)


def test_an_empty_store_has_nothing_to_judge(open_page: OpenPage) -> None:
    page = open_page("judge")

    assert "**Nothing to judge.**" in [one.value for one in page.markdown]
    assert not page.exception


def test_nothing_to_judge_is_said_with_what_is_still_at_work(
    gallery: Gallery, open_page: OpenPage
) -> None:
    page = open_page("judge", request=gallery.running().request)

    assert "**Nothing to judge.**" in [one.value for one in page.markdown]
    assert "1 job is still at work." in texts(page)
    assert page.button(key="judge-again").label == "Look again"


@pytest.mark.parametrize("written", ["nonsense", "0" * 26])
def test_a_request_that_does_not_exist_is_said_in_words(open_page: OpenPage, written: str) -> None:
    page = open_page("judge", request=written)

    assert not page.exception
    assert "The queue could not be shown" in said(page)

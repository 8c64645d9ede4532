"""The judging queue, in each of its states."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from codybatch.domain.findings import Decision
from codybatch.domain.identifiers import JobId, Person
from codybatch.domain.jobs import Job
from codybatch.domain.states import EndedBecause, JobState
from tests.ui.conftest import OpenPage
from tests.ui.page_contents import links, parameters, said, texts
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

    assert "**1 job was skipped.**" in [one.value for one in page.markdown]
    press(page, "judge-skipped")
    assert "Third" in texts(page)
    assert [mine(gallery, job.id) for job in jobs] == [
        Decision.ACCEPT,
        Decision.REJECT,
        None,
        None,
    ]
    press(page, "job-accept")
    assert "**You have judged all of them.**" in [one.value for one in page.markdown]
    assert "job" not in page.query_params
    assert mine(gallery, three.id) is Decision.ACCEPT


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


def test_a_reload_shows_the_same_job_and_the_judged_ones_are_a_step_back(
    open_page: OpenPage, jobs: tuple[Job, ...]
) -> None:
    page = press(open_page("judge", request=jobs[0].request), "job-accept")

    again = open_page("judge", request=jobs[0].request, job=page.query_params["job"])

    assert "Second" in texts(again)
    assert "2 of 3 · 1 judged by you · 1 rater" in said(again)
    assert "Second" in texts(open_page("judge", request=jobs[0].request))
    assert "First" in texts(press(again, "judge-previous"))


def test_what_others_said_is_shown_beside_ones_own_once_one_has_judged(
    gallery: Gallery, open_page: OpenPage, jobs: tuple[Job, ...]
) -> None:
    page = open_page("judge", request=jobs[0].request)
    gallery.judge(jobs[1], "bob", Decision.REJECT, rating=1, reasons=("style",), comment="No.")

    press(page, "judge-next")
    assert "Second" in texts(page)
    assert "1 other has judged it; what they said is shown once you have." in texts(page)
    assert not {"No.", "style"} & set(texts(page))

    press(press(page, "job-accept"), "judge-previous")
    assert {"You · just now", "bob · 1 of 5 · just now", "style", "No."} <= set(texts(page))


def test_the_last_verdict_is_taken_back_from_the_job_after_it(
    gallery: Gallery, open_page: OpenPage, jobs: tuple[Job, ...]
) -> None:
    page = press(open_page("judge", request=jobs[0].request), "job-accept")

    press(page, "judge-undo")

    assert mine(gallery, jobs[0].id) is None
    assert "First" in texts(page)
    assert "1 of 3" in said(page)
    assert "judge-undo" not in [button.key for button in page.button]


def test_rating_and_reasons_are_buttons_that_are_pressed_or_not(
    gallery: Gallery, open_page: OpenPage, jobs: tuple[Job, ...]
) -> None:
    page = open_page("judge", request=jobs[0].request)
    for key in ("rating-2", "reason-0", "reason-1", "reason-0", "rating-4"):
        press(page, f"job-{key}")
    assert gallery.records.verdicts(jobs[0].id) == ()
    assert page.button(key="job-rating-4").proto.type == "primary"

    press(page, "job-reject")
    (verdict,) = gallery.records.verdicts(jobs[0].id)
    assert (verdict.rating, verdict.reasons) == (4, ("incomplete",))

    press(press(page, "judge-previous"), "job-rating-4")
    assert gallery.records.verdicts(jobs[0].id)[0].rating is None


def test_going_on_without_a_decision_says_what_is_missing(
    open_page: OpenPage, jobs: tuple[Job, ...]
) -> None:
    page = press(open_page("judge", request=jobs[0].request), "judge-keep")

    assert "First" in texts(page)
    assert [one.value for one in page.warning] == ["Accept or reject it first."]
    press(press(page, "job-accept"), "judge-previous")
    assert "Second" in texts(press(page, "judge-keep"))


def test_a_verdict_of_another_tab_is_seen(
    gallery: Gallery, open_page: OpenPage, jobs: tuple[Job, ...]
) -> None:
    page = open_page("judge", request=jobs[0].request)
    gallery.judge(jobs[1], ME, Decision.REJECT)

    press(page, "judge-next")

    assert "2 of 3 · 1 judged by you · 1 rater" in said(page)
    assert "Rejected" in said(page)


def test_a_job_with_enough_raters_is_not_in_a_queue_that_wants_so_many(
    gallery: Gallery, open_page: OpenPage, jobs: tuple[Job, ...]
) -> None:
    gallery.judge(jobs[0], "bob", Decision.ACCEPT)

    page = open_page("judge", request=jobs[0].request, raters="1")
    assert "1 of 2 · 1 rater" in said(page)
    assert "Second" in texts(page)

    page.selectbox(key="judge-raters").select(2).run()
    assert page.query_params["raters"] == "2"
    assert "1 of 3 · 1 rater" in said(page)


@pytest.mark.parametrize("raters", ["many", "-1", "0", "21", "9999"])
def test_a_number_of_raters_that_cannot_be_is_said_in_words(
    open_page: OpenPage, jobs: tuple[Job, ...], raters: str
) -> None:
    page = open_page("judge", request=jobs[0].request, raters=raters)

    assert not page.exception
    assert "The queue could not be shown" in said(page)


def test_the_end_says_how_far_the_raters_agree_and_where_they_do_not(
    gallery: Gallery, open_page: OpenPage, jobs: tuple[Job, ...]
) -> None:
    one, two, _, three = jobs
    for job, decision in ((one, Decision.ACCEPT), (two, Decision.ACCEPT), (three, Decision.REJECT)):
        gallery.judge(job, "bob", decision, rating=3)
    page = open_page("judge", request=one.request)
    for key in ("job-accept", "job-reject", "job-reject"):
        press(page, key)

    shown = texts(page)
    assert "1 other person has judged them, too." in shown
    assert (
        "2 people have judged 3 jobs; 3 of them were judged by two or more, who agree on 2 and "
        "disagree on 1."
    ) in shown
    assert any(text.startswith("Accept or reject: Cohen's kappa is 0.40") for text in shown)
    (differ,) = [link for link in links(page) if link.proto.label.endswith("**two**")]
    assert two.id in differ.proto.query_string
    assert "bob · 3 of 5" in shown
    assert parameters(page, "Open the request") == {"id": one.request}


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


def test_a_key_that_comes_while_the_page_changes_is_for_neither_job(
    gallery: Gallery, jobs: tuple[Job, ...]
) -> None:
    """The button of the job before may be pressed once more until the next one's is drawn."""

    def script(first: str) -> None:
        from codybatch.domain.identifiers import JobId  # noqa: PLC0415
        from codybatch.ui.errands import the_errands  # noqa: PLC0415
        from codybatch.ui.jobs.verdict_form import VerdictForm  # noqa: PLC0415
        from codybatch.ui.jobs.view import job_view  # noqa: PLC0415
        from codybatch.ui.workbench import the_application, time_zone  # noqa: PLC0415

        app = the_application()
        view = job_view(app, the_errands(app), first, time_zone())
        VerdictForm(app, JobId(first), view.judged, is_shown=lambda: False).show()

    gallery.judge(jobs[0], ME, Decision.REJECT, rating=1)
    page = AppTest.from_function(script, default_timeout=20, args=(jobs[0].id,)).run()
    for key in ("job-accept", "job-rating-5", "job-undo"):
        press(page, key)

    (verdict,) = gallery.records.verdicts(jobs[0].id)
    assert (verdict.decision, verdict.rating) == (Decision.REJECT, 1)

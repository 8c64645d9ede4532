"""What can be done with a job on its page: asked first, done by a service, told in words."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest
from streamlit.testing.v1 import AppTest

from codybatch.domain.findings import Decision, Verdict
from codybatch.domain.jobs import Job
from codybatch.domain.money import Budget
from codybatch.domain.states import EndedBecause, JobState, WaitingReason
from codybatch.ui.errands import the_errands
from codybatch.ui.jobs.acts import Act
from codybatch.ui.workbench import the_application
from tests.ui.conftest import OpenPage
from tests.ui.page_contents import question, said, texts
from tests.ui_kit import DIFF, SECRET, Gallery

ME = "dana"


@pytest.fixture(autouse=True)
def _person(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODYBATCH_PERSON", ME)


@pytest.fixture(autouse=True)
def _nothing_goes_on() -> Iterator[None]:
    yield
    stop_the_engine()


def stop_the_engine() -> None:
    """End what an act started: the jobs of a gallery are not there to be worked on."""
    the_application().local_engine.stop()


def press(page: AppTest, key: str) -> AppTest:
    return page.button(key=key).click().run()


def asked(job: Job, act: Act) -> AppTest:
    """The dialog of an act, open again after each press: Streamlit's test runner cannot run a
    dialog without the page that opened it.
    """

    def script(job: str, act: str) -> None:
        from datetime import UTC  # noqa: PLC0415 - a script of its own

        from codybatch.ui.errands import the_errands  # noqa: PLC0415
        from codybatch.ui.jobs.acts import Act  # noqa: PLC0415
        from codybatch.ui.jobs.dialogs import ask  # noqa: PLC0415
        from codybatch.ui.jobs.view import job_view  # noqa: PLC0415
        from codybatch.ui.workbench import the_application  # noqa: PLC0415

        app = the_application()
        ask(app, job_view(app, the_errands(app), job, UTC), Act(act))

    return AppTest.from_function(script, default_timeout=20, args=(job.id, act.value)).run()


def acts(page: AppTest) -> list[str]:
    """The labels of the acts, the primary one marked."""
    found = [one for one in page.button if str(one.key).startswith("job-act-")]
    return [f"{'*' if one.proto.type == 'primary' else ''}{one.label}" for one in found]


# which there are


def test_a_running_job_can_be_cancelled(gallery: Gallery, open_page: OpenPage) -> None:
    assert acts(open_page("job", id=gallery.running().id)) == ["Cancel"]


def test_a_job_whose_pull_request_is_open_goes_on(gallery: Gallery, open_page: OpenPage) -> None:
    page = open_page("job", id=gallery.published().id)

    assert acts(page) == ["Follow up", "Retry"]
    assert [link.proto.type for link in page.get("link_button")] == ["primary"]


def test_a_patch_that_was_held_back_is_published_first(
    gallery: Gallery, open_page: OpenPage
) -> None:
    page = open_page("job", id=gallery.held_back().id)

    assert acts(page) == ["*Publish", "Follow up", "Retry"]


def test_a_patch_of_a_repository_that_is_not_ours_is_not_published(
    gallery: Gallery, open_page: OpenPage
) -> None:
    job = gallery.ended(patch=DIFF, owned=False)

    assert acts(open_page("job", id=job.id)) == ["Follow up", "Retry"]


def test_a_failed_job_is_retried_first(gallery: Gallery, open_page: OpenPage) -> None:
    job = gallery.ended("acme/api", EndedBecause.REPOSITORY_UNAVAILABLE, JobState.FAILED)

    assert acts(open_page("job", id=job.id)) == ["*Retry", "Follow up"]


# cancel, release, raise


def test_cancelling_asks_by_name_what_stops_and_what_was_spent(
    gallery: Gallery, open_page: OpenPage
) -> None:
    page = press(open_page("job", id=gallery.running().id), "job-act-cancel")

    assert question(page) == "Cancel the job on acme\\/api\\?"
    assert {
        "Claude stops within seconds, in turn 14.",
        "Nothing was spent. A reply that is under way is paid for.",
    } <= set(texts(page))


def test_a_job_is_cancelled_once_that_was_answered(gallery: Gallery, open_page: OpenPage) -> None:
    job = gallery.running()

    press(asked(job, Act.CANCEL), "ask-act")

    assert gallery.records.job(job.id).cancel_requested
    stop_the_engine()
    page = open_page("job", id=job.id)
    assert acts(page) == []
    assert any(text.startswith("Is being cancelled.") for text in texts(page))


def test_a_job_is_not_cancelled_by_the_other_answer(gallery: Gallery) -> None:
    job = gallery.running()

    press(asked(job, Act.CANCEL), "ask-keep")

    assert not gallery.records.job(job.id).cancel_requested


def test_a_job_that_ended_meanwhile_is_not_cancelled_and_that_is_said(gallery: Gallery) -> None:
    job = gallery.running()
    dialog = asked(job, Act.CANCEL)
    gallery.settle(job)

    press(dialog, "ask-act")

    assert any("has already ended" in text for text in texts(dialog))


def test_a_held_job_is_released_with_the_others(gallery: Gallery, open_page: OpenPage) -> None:
    job = gallery.waiting(reason=WaitingReason.HELD)
    assert acts(open_page("job", id=job.id)) == ["*Release", "Cancel"]

    press(asked(job, Act.RELEASE), "ask-act")

    assert gallery.records.request(job.request).released_at is not None


def test_a_request_at_its_cap_gets_a_higher_one(gallery: Gallery, open_page: OpenPage) -> None:
    job = gallery.waiting(reason=WaitingReason.REQUEST_BUDGET, cap_usd=Decimal(2))
    request = gallery.records.request(job.request)
    gallery.records.update_request(request.with_(budget=Budget(cap_usd=Decimal(2))))
    assert acts(open_page("job", id=job.id)) == ["*Raise budget", "Cancel"]
    dialog = asked(job, Act.RAISE_BUDGET)
    assert "$0 of $2.00 were spent. Its waiting jobs then go on." in texts(dialog)

    dialog.number_input(key="raise-cap").set_value(5.0).run()
    press(dialog, "raise-act")

    assert gallery.records.request(job.request).budget.cap_usd == Decimal(5)


def test_markup_and_secrets_in_a_title_mean_nothing_in_a_question(gallery: Gallery) -> None:
    job = gallery.waiting(reason=WaitingReason.HELD)
    request = gallery.records.request(job.request)
    gallery.records.update_request(request.with_(title=f"![i](http://x.invalid/i.png) {SECRET}"))

    for act in (Act.RELEASE, Act.RAISE_BUDGET):
        title = question(asked(job, act))
        assert "\\!\\[i\\]" in title
        assert SECRET not in title


# what is asked before money or trust is spent


def test_publishing_shows_what_the_gate_found_and_needs_a_tick(gallery: Gallery) -> None:
    job = gallery.held_back()
    dialog = asked(job, Act.PUBLISH)

    assert "Invisible character · src/auth.py:12 · U+202E RIGHT-TO-LEFT OVERRIDE" in texts(dialog)
    assert "The code may do something else than what a reviewer reads." in texts(dialog)
    assert dialog.button(key="job-publish-act").disabled
    dialog.checkbox(key=f"job-publish-override-{job.id}").check().run()
    assert not dialog.button(key="job-publish-act").disabled


def test_labels_that_cannot_be_are_said_in_the_dialog(gallery: Gallery) -> None:
    dialog = asked(gallery.ended(patch=DIFF), Act.PUBLISH)

    dialog.text_input(key="job-publish-reviewers").set_value("two words").run()
    press(dialog, "job-publish-act")

    assert any("'two words' is no reviewer" in text for text in texts(dialog))


def test_a_refusal_of_the_service_stays_on_the_page_until_it_is_dismissed(
    gallery: Gallery, open_page: OpenPage
) -> None:
    job = gallery.ended(patch=DIFF)
    page = open_page("job", id=job.id)
    press(asked(job, Act.PUBLISH), "job-publish-act")

    until_ended(page)
    assert "Publishing did not work" in said(page)
    assert any("CODYBATCH_ALLOWED_REPOSITORIES" in text for text in texts(page)), texts(page)
    press(page, f"errand-away-{job.id}")

    assert "did not work" not in said(page)


def test_a_follow_up_needs_a_text_and_takes_a_suggestion(gallery: Gallery) -> None:
    job = gallery.published()
    dialog = asked(job, Act.FOLLOW_UP)
    press(dialog, "job-follow-act")
    assert "Say what to do." in [error.value for error in dialog.error]
    assert the_errands(the_application()).of(job.id) is None

    press(dialog, "job-suggest-0")

    written = dialog.text_area(key=f"job-follow-{job.id}").value
    assert written == "Run the linter over the tests, too."


def until_ended(page: AppTest) -> None:
    """Run the page until nothing is being done."""
    for _ in range(200):
        page.run()
        if "goes on when you leave" not in said(page):
            return
    raise AssertionError(said(page))


# verdicts


def verdict(gallery: Gallery, job: Job) -> Verdict | None:
    return next((one for one in gallery.records.verdicts(job.id) if one.rater == ME), None)


def test_a_verdict_is_stored_at_once_and_completed_afterwards(
    gallery: Gallery, open_page: OpenPage
) -> None:
    job = gallery.published()
    page = press(open_page("job", id=job.id), "job-accept")

    page.text_area(key=f"job-comment-{job.id}").set_value("Good.").run()

    stored = verdict(gallery, job)
    assert stored is not None
    assert (stored.decision, stored.comment) == (Decision.ACCEPT, "Good.")
    assert "Accepted" in said(page)


def test_undo_brings_back_what_was_before(gallery: Gallery, open_page: OpenPage) -> None:
    job = gallery.published()
    gallery.judge(job, ME, Decision.REJECT, rating=2, reasons=("style",), comment="Hm.")
    before = verdict(gallery, job)
    page = press(open_page("job", id=job.id), "job-accept")

    press(page, "job-undo")

    after = verdict(gallery, job)
    assert before is not None
    assert after is not None
    assert after.with_(at=before.at) == before


def test_undo_of_the_first_verdict_leaves_none(gallery: Gallery, open_page: OpenPage) -> None:
    job = gallery.published()

    press(press(open_page("job", id=job.id), "job-reject"), "job-undo")

    assert verdict(gallery, job) is None


def test_the_verdicts_of_others_are_shown_once_one_has_judged_or_asks(
    gallery: Gallery, open_page: OpenPage
) -> None:
    job = gallery.published()
    gallery.judge(job, "bob", Decision.REJECT, rating=2, reasons=("too large",), comment="<b>No.")

    page = open_page("job", id=job.id)

    bobs = {"bob · 2 of 5 · just now", "too large", "<b>No."}
    assert not bobs & set(texts(page))
    assert bobs <= set(texts(press(page, "job-show-others")))
    assert bobs <= set(texts(press(open_page("job", id=job.id), "job-accept")))


def test_a_job_at_work_is_not_judged_yet(gallery: Gallery, open_page: OpenPage) -> None:
    page = open_page("job", id=gallery.running().id)

    assert "job-accept" not in [one.key for one in page.button]


# from job to job


def test_the_jobs_of_a_request_lead_to_each_other(gallery: Gallery, open_page: OpenPage) -> None:
    one, two = gallery.request_of(("acme/one", {"title": "First"}), ("acme/two", {}))
    page = open_page("job", id=two.id)
    assert page.button(key="job-next").disabled

    press(page, "job-previous")

    assert page.query_params["id"] == one.id
    assert "First" in texts(page)

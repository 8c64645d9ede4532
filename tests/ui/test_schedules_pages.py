"""The pages of schedules in each of their states."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from codybatch.domain.identifiers import Person
from codybatch.domain.prompts import PromptDraft, Variable
from codybatch.domain.schedules import RequestTemplate, Schedule, ScheduledRun
from codybatch.services.schedules import ScheduleForm
from codybatch.ui.errands import the_errands
from codybatch.ui.live import forget
from codybatch.ui.schedules.sections import begin_run
from codybatch.ui.workbench import the_application
from tests.contracts.schedule_examples import a_schedule
from tests.ui.conftest import OpenPage
from tests.ui.page_contents import links, parameters, rows, said, texts
from tests.ui_kit import AWKWARD, SECRET, Gallery
from tests.worker.world import CLEAN, World, world

NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("world")
    with world(folder, {"acme/clean": CLEAN}) as opened:
        app = opened.app
        app.prompts.save(PromptDraft(name="tidy", template="Tidy."), app.person)
        level = Variable(name="level", default="minor")
        draft = PromptDraft(name="update", template="Update {{level}}.", variables=(level,))
        app.prompts.save(draft, app.person)
        yield opened


@pytest.fixture
def w(served: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A world whose settings the pages read."""
    for name, value in served.settings.as_environment().items():
        monkeypatch.setenv(name, value)
    yield served
    for schedule in served.app.schedules.list():
        served.app.schedules.remove(schedule.id)


def put(gallery: Gallery, **changes: Any) -> Schedule:
    """A schedule in the gallery's store, of no service's making."""
    return gallery.records.put_schedule(a_schedule(NOW, **changes))


def a_run(outcome: str, **changes: Any) -> ScheduledRun:
    return ScheduledRun(due_at=NOW, noted_at=NOW, outcome=outcome, **changes)  # type: ignore[arg-type]


def badges(page: AppTest) -> str:
    return " ".join(element.value for element in page.markdown)


def test_an_empty_list_leads_to_the_first_schedule(open_page: OpenPage) -> None:
    page = open_page("schedules")

    assert not page.exception
    assert "**No schedules yet**" in [one.value for one in page.markdown]
    assert "Add the first one" in [link.proto.label for link in links(page)]


def test_every_schedule_is_a_row_with_its_rule_its_next_run_and_its_last_result(
    gallery: Gallery, open_page: OpenPage
) -> None:
    job = gallery.published()
    soon = datetime.now(UTC) + timedelta(minutes=5)
    put(gallery, name="Ran well", due_at=soon, runs=(a_run("started", request=job.request),))
    put(gallery, name="Refused", due_at=soon, runs=(a_run("refused", reason="Archived."),))
    put(gallery, name="Off", due_at=None, paused=True)

    page = open_page("schedules")

    assert rows(page) == ["Ran well", "Refused", "Off"]
    told = texts(page)
    assert "Every weekday at 09:30, Europe/Berlin · update over acme/api@main" in told
    assert "paused" in told
    assert any(text.startswith(("today", "tomorrow")) for text in told)
    for word in ("Succeeded", "Not submitted", "Never ran"):
        assert word in badges(page)
    assert [toggle.value for toggle in page.toggle] == [True, True, False]


def test_the_switch_pauses_and_resumes_by_the_schedules_id(
    gallery: Gallery, open_page: OpenPage
) -> None:
    put(gallery, name="Other")
    schedule = put(gallery, name="Nightly")
    page = open_page("schedules")

    page.toggle(key=f"schedules-switch-{schedule.id}-on").set_value(False).run()

    assert gallery.records.schedule(schedule.id).paused
    assert [toggle.value for toggle in page.toggle] == [True, False]
    assert [toast.value for toast in page.toast] == ["Schedule paused"]
    page.toggle(key=f"schedules-switch-{schedule.id}-off").set_value(True).run()
    assert not gallery.records.schedule(schedule.id).paused


def test_a_switch_of_a_schedule_that_is_gone_says_so(gallery: Gallery, open_page: OpenPage) -> None:
    schedule = put(gallery, name="Nightly")
    page = open_page("schedules")
    gallery.records.remove_schedule(schedule.id)

    page.toggle(key=f"schedules-switch-{schedule.id}-on").set_value(False).run()

    assert not page.exception
    assert "There is no schedule" in said(page)


def test_one_schedule_shows_its_next_runs_what_it_submits_and_what_became_of_its_runs(
    gallery: Gallery, open_page: OpenPage
) -> None:
    job = gallery.published()
    runs = (a_run("missed", reason="Nobody looked."), a_run("started", request=job.request))
    schedule = put(gallery, name="Nightly", runs=runs)

    page = open_page("schedule", id=schedule.id)

    assert not page.exception
    told = texts(page)
    assert "Every weekday at 09:30, Europe/Berlin · by alice" in told
    assert "update, the latest version" in told
    assert "level = minor" in told
    assert "Nobody looked." in told
    assert sum("09:30" in text or "08:30" in text or "07:30" in text for text in told) >= 5
    look = next(link for link in links(page) if link.proto.label == "Look at it")
    assert look.proto.query_string == f"id={job.request}"


def test_a_run_that_is_tried_again_is_told_with_its_trouble(
    gallery: Gallery, open_page: OpenPage
) -> None:
    schedule = put(
        gallery,
        try_again_at=datetime.now(UTC) + timedelta(minutes=3),
        trouble="GitHub does not answer.",
    )

    page = open_page("schedule", id=schedule.id)

    assert "GitHub does not answer." in texts(page)
    assert "Tries again" in badges(open_page("schedules"))


def test_hostile_words_are_shown_as_they_are(gallery: Gallery, open_page: OpenPage) -> None:
    nasty = f"{AWKWARD} {SECRET}"[:100]
    reason = f"{AWKWARD} {SECRET} <script>"
    schedule = put(gallery, name=nasty, runs=(a_run("refused", reason=reason),))

    for page in (open_page("schedules"), open_page("schedule", id=schedule.id)):
        assert not page.exception
        assert SECRET not in said(page)
    assert any("<b>bold</b> **md**" in text for text in texts(page))


@pytest.mark.parametrize("written", ["0" * 26, "nonsense"])
def test_an_unknown_schedule_is_said_to_be_none(open_page: OpenPage, written: str) -> None:
    page = open_page("schedule", id=written)

    assert not page.exception
    assert "There is no schedule" in said(page)


def test_without_a_name_the_page_leads_to_the_list(open_page: OpenPage) -> None:
    page = open_page("schedule")

    assert "**No schedule was named**" in [one.value for one in page.markdown]


def test_removing_asks_by_name_and_removes_nothing_yet(
    gallery: Gallery, open_page: OpenPage
) -> None:
    schedule = put(gallery, name="Nightly")
    page = open_page("schedule", id=schedule.id)

    page.button(key="schedules-remove").click().run()

    assert page.button(key="ask-act").label == "Remove the schedule"
    assert "The requests that it submitted stay, and what runs goes on." in texts(page)
    assert gallery.records.schedules().items == (schedule,)


def test_running_now_asks_with_what_it_may_cost(w: World, open_page: OpenPage) -> None:
    schedule = added(w, cap="3")
    page = open_page("schedule", id=schedule.id)

    page.button(key="schedules-run").click().run()

    assert page.button(key="ask-act").label == "Run now"
    assert "It may cost $3.00 at most." in texts(page)
    assert w.app.store.records.schedule(schedule.id).runs == ()


def test_a_run_by_hand_goes_on_beside_the_page_and_leads_to_its_request(
    w: World, open_page: OpenPage
) -> None:
    schedule = added(w)
    page = open_page("schedule", id=schedule.id)
    app = the_application()

    begin_run(app, schedule.id)
    ended = the_errands(app).wait(schedule.id, seconds=60)
    app.local_engine.stop()
    forget(app)  # a page looks again in two seconds, and what was read lives for one
    page.run()

    (run,) = w.app.store.records.schedule(schedule.id).runs
    assert ended is not None
    assert ended.request == run.request
    assert page.button(key=f"errand-request-{schedule.id}").label == "Open the new request"


def test_a_run_that_would_cancel_the_one_before_says_so(
    gallery: Gallery, open_page: OpenPage
) -> None:
    (job,) = gallery.request("acme/api")
    before = a_run("started", request=job.request)
    schedule = put(gallery, overlap="replace", runs=(before,))
    page = open_page("schedule", id=schedule.id)

    page.button(key="schedules-run").click().run()

    assert "Where the request before has not ended, it is cancelled." in texts(page)


def added(w: World, cap: str | None = None) -> Schedule:
    """A schedule that the service made."""
    template = RequestTemplate(
        prompt="tidy",
        repositories=("acme/clean",),
        options=w.app.default_options(),
        request_cost_cap_usd=cap,  # type: ignore[arg-type]
    )
    return w.app.schedules.add(
        ScheduleForm(name="Tidy", template=template, rule="0 2 * * *"), Person("dana")
    )


def test_the_form_leads_to_the_prompts_where_there_is_none(open_page: OpenPage) -> None:
    page = open_page("new_schedule")

    assert parameters(page, "Prompts") == {}


@pytest.mark.usefixtures("w")
def test_the_form_tells_what_a_rule_means_as_it_is_written(open_page: OpenPage) -> None:
    page = open_page("new_schedule")
    assert "Every day at 02:00, UTC" in texts(page)

    page.text_input(key="schedules-rule").set_value("30 9 * * mon-fri").run()
    page.selectbox(key="schedules-zone").set_value("Europe/Berlin").run()

    assert "Every weekday at 09:30, Europe/Berlin" in texts(page)
    assert len([text for text in texts(page) if "09:30 (" in text and "for you)" in text]) == 5
    page.text_input(key="schedules-rule").set_value("30 25 * * *").run()
    assert "hour (0 to 23)" in said(page)
    page.button_group(key="schedules-example").set_value("Every 6 hours").run()
    assert page.text_input(key="schedules-rule").value == "every 6 hours"
    assert "Every 6 hours" in texts(page)


def test_a_schedule_is_added_from_a_prompt(w: World, open_page: OpenPage) -> None:
    page = open_page("new_schedule")
    page.selectbox(key="schedules-prompt").set_value("update").run()
    page.text_input(key="schedules-variable-update-level").set_value("major")
    page.multiselect(key="schedules-repositories").set_value(["acme/clean"])
    page.selectbox(key="schedules-publish").set_value("draft").run()
    page.number_input(key="schedules-cap").set_value(4.5)
    page.text_input(key="schedules-name").set_value("Every night")

    page.button(key="schedules-add").click().run()

    assert not page.exception
    (schedule,) = w.app.schedules.list()
    template = schedule.template
    assert (schedule.name, template.prompt) == ("Every night", "update")
    assert template.variables == {"level": "major"}
    assert template.repositories == ("acme/clean",)
    assert (template.options.publish, template.options.existing_pull_request) == ("draft", "skip")
    assert str(template.request_cost_cap_usd) == "4.5"
    assert "Last runs" in [one.value for one in page.subheader]


def test_what_is_refused_is_told_at_the_form_and_nothing_is_lost(
    w: World, open_page: OpenPage
) -> None:
    page = open_page("new_schedule")
    page.multiselect(key="schedules-repositories").set_value(["elsewhere/api"])
    page.text_input(key="schedules-name").set_value("Kept")

    page.button(key="schedules-add").click().run()

    assert "elsewhere/api" in said(page)
    assert "The schedule was not added" in badges(page)
    assert page.text_input(key="schedules-name").value == "Kept"
    assert w.app.schedules.list() == ()


def test_an_earlier_request_is_scheduled_with_its_options(w: World, open_page: OpenPage) -> None:
    w.wait(w.submit("acme/clean", name="tidy", prompt="Tidy."))  # looks like it, and is another
    created = w.submit("acme/clean", name="tidy", prompt="Tidy.", max_turns=9)
    w.wait(created)
    page = open_page("new_schedule", like=created.request.id)
    page.toggle(key="schedules-pinned").set_value(True).run()

    page.button(key="schedules-add").click().run()

    (schedule,) = w.app.schedules.list()
    assert schedule.template.prompt == str(created.request.prompt)
    assert schedule.template.options.max_turns == 9


@pytest.mark.usefixtures("w")
def test_a_request_that_does_not_exist_is_no_template(open_page: OpenPage) -> None:
    page = open_page("new_schedule", like="nonsense")

    assert not page.exception
    assert "is not the id of a request" in said(page)

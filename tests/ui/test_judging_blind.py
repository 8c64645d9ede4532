"""Judging blind: nothing on the page, in its address or in its title tells what made a job."""

from __future__ import annotations

import json

import pytest
from streamlit.testing.v1 import AppTest

from codybatch.domain.findings import Decision, Verdict
from codybatch.domain.identifiers import JobId, Person
from codybatch.domain.jobs import Job
from codybatch.services.blind import HIDDEN, Reveals
from codybatch.services.to_judge import Scope, ToJudge
from tests.judging_kit import MODELS, PROMPTS, Trial, a_trial
from tests.ui.conftest import OpenPage
from tests.ui.page_contents import links, parameters, said, texts
from tests.ui_kit import Gallery

ME = Person("dana")


@pytest.fixture(autouse=True)
def _person(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODYBATCH_PERSON", ME)


@pytest.fixture
def trial(gallery: Gallery) -> Trial:
    return a_trial(gallery, arms=2, repositories=2)


def press(page: AppTest, key: str) -> AppTest:
    return page.button(key=key).click().run()


def order(gallery: Gallery, trial: Trial, by: Person = ME) -> tuple[Job, ...]:
    of = Scope(experiment=trial.experiment.id)
    return ToJudge(gallery.records).line(of, by, blind=True).jobs


def blind(open_page: OpenPage, trial: Trial, **more: str) -> AppTest:
    return open_page("judge", experiment=trial.experiment.id, blind="1", **more)


def mine(gallery: Gallery, job: JobId) -> Verdict | None:
    return next((one for one in gallery.records.verdicts(job) if one.rater == ME), None)


def everything(page: AppTest) -> str:
    """All that the page shows, with the addresses of its links and its own."""
    return said(page) + json.dumps(page.query_params) + "".join(map(str, links(page)))


def test_nothing_tells_what_made_a_job(gallery: Gallery, open_page: OpenPage, trial: Trial) -> None:
    page = blind(open_page, trial)

    for job in order(gallery, trial):
        assert job.title in texts(page)
        shown = everything(page)
        for told in (*PROMPTS, *MODELS, "Compare", "arm 0", "arm 1", "$0.84", job.request):
            assert told not in shown
        assert [link.proto.label for link in links(page)] == ["Jobs"]
        assert page.title[0].value == "Judge"
        press(page, "judge-next")


def test_names_in_the_result_are_masked_and_that_is_said(
    gallery: Gallery, open_page: OpenPage, trial: Trial
) -> None:
    page = blind(open_page, trial)

    assert f"Did as {HIDDEN} with {HIDDEN} asks." in texts(page)
    assert f"+# {HIDDEN} with {HIDDEN}" in page.code[0].value
    assert "4 names hidden" in said(page)
    assert order(gallery, trial)[0].summary not in texts(page)


def test_a_blind_verdict_is_kept_as_one_and_a_named_one_is_not(
    gallery: Gallery, open_page: OpenPage, trial: Trial
) -> None:
    first = order(gallery, trial)[0]
    press(blind(open_page, trial), "job-accept")
    named = open_page("judge", experiment=trial.experiment.id)
    press(named, "job-reject")

    given = [found for job in trial.jobs if (found := mine(gallery, job.id))]
    assert {(one.job == first.id, one.blind) for one in given} == {(True, True), (False, False)}


def test_the_order_is_ones_own_and_stays_over_a_reload(
    gallery: Gallery, open_page: OpenPage, trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = order(gallery, trial)
    page = press(blind(open_page, trial), "job-accept")
    place = page.query_params["at"]

    again = blind(open_page, trial, at=place)
    assert jobs[1].title in texts(again)
    assert jobs[0].title in texts(press(again, "judge-previous"))
    assert jobs[1].title in texts(blind(open_page, trial, at="nowhere"))
    monkeypatch.setenv("CODYBATCH_PERSON", "bob")
    assert order(gallery, trial, Person("bob"))[0].title in texts(blind(open_page, trial))


def test_what_made_it_is_shown_once_it_is_judged_and_ends_being_blind(
    gallery: Gallery, open_page: OpenPage, trial: Trial
) -> None:
    first = order(gallery, trial)[0]
    page = blind(open_page, trial)
    assert "judge-reveal" not in [button.key for button in page.button]

    press(press(press(page, "job-accept"), "judge-previous"), "judge-reveal")

    arm = next(arm for arm in trial.experiment.arms if first.cell and arm.key == first.cell.arm)
    assert {
        f"Arm: {arm.name}",
        f"Prompt: {first.prompt.name} v{first.prompt.version}",
        f"Model: {first.model}",
    } <= set(texts(page))
    assert "job-reject" not in [button.key for button in page.button]
    assert first.id in everything(page)
    reloaded = press(blind(open_page, trial), "judge-previous")
    assert "job-reject" not in [button.key for button in reloaded.button]


def test_an_old_page_judges_nothing_blind_that_another_has_revealed(
    gallery: Gallery, open_page: OpenPage, trial: Trial
) -> None:
    first = order(gallery, trial)[0]
    old = blind(open_page, trial)
    Reveals(gallery.records).note(ME, first.id)

    press(old, "job-accept")

    found = mine(gallery, first.id)
    assert found
    assert not found.blind


def test_a_verdict_that_was_not_blind_does_not_become_so(
    gallery: Gallery, open_page: OpenPage, trial: Trial
) -> None:
    first = order(gallery, trial)[0]
    gallery.judge(first, ME, Decision.REJECT)

    page = press(blind(open_page, trial), "judge-previous")

    assert first.title in texts(page)
    assert "job-accept" not in [button.key for button in page.button]


def test_undo_brings_a_blind_verdict_back_as_it_was(
    gallery: Gallery, open_page: OpenPage, trial: Trial
) -> None:
    first = order(gallery, trial)[0]
    page = press(press(blind(open_page, trial), "job-accept"), "judge-previous")
    press(press(page, "job-reject"), "judge-undo")

    found = mine(gallery, first.id)
    assert found
    assert (found.decision, found.blind) == (Decision.ACCEPT, True)


def test_what_others_wrote_does_not_tell_either(
    gallery: Gallery, open_page: OpenPage, trial: Trial
) -> None:
    first = order(gallery, trial)[0]
    gallery.judge(first, "bob", Decision.REJECT, comment=f"Like {first.prompt.name} always does")

    page = press(press(blind(open_page, trial), "job-accept"), "judge-previous")

    assert f"Like {HIDDEN} always does" in texts(page)


def test_until_all_is_judged_the_end_leads_to_nothing_that_tells(
    open_page: OpenPage, trial: Trial
) -> None:
    page = blind(open_page, trial)
    for _ in trial.jobs:
        press(page, "judge-next")

    assert "**4 jobs were skipped.**" in [one.value for one in page.markdown]
    assert [link.proto.label for link in links(page)] == ["Jobs"]
    assert "Shown once you have judged all of them." in texts(page)


def test_from_the_named_queue_one_goes_on_blind(open_page: OpenPage, trial: Trial) -> None:
    page = open_page("judge", experiment=trial.experiment.id)
    assert PROMPTS[0] in said(page)

    press(page, "judge-blind")

    assert page.query_params["blind"] == "1"
    assert "job" not in page.query_params
    assert not any(prompt in said(page) for prompt in PROMPTS)


def test_an_experiment_that_goes_on_says_so_at_the_end(
    gallery: Gallery, open_page: OpenPage, trial: Trial
) -> None:
    stored = gallery.records.experiment(trial.experiment.id)
    gallery.records.put_experiment(stored.with_(repetitions=2))
    page = blind(open_page, trial)
    for _ in trial.jobs:
        press(page, "job-accept")

    assert "4 cells are still at work." in texts(page)
    assert parameters(page, "Open the experiment") == {"id": trial.experiment.id}
    trial.experiment = gallery.records.experiment(trial.experiment.id)
    again = trial.make(trial.jobs[0].with_(cell=trial.jobs[0].cell.with_(repetition=2)), 1)  # type: ignore[union-attr]
    press(page, "judge-again")
    assert again.title in texts(page)


@pytest.mark.parametrize("written", ["nonsense", "0" * 26])
def test_an_experiment_that_does_not_exist_is_said_in_words(
    open_page: OpenPage, written: str
) -> None:
    page = open_page("judge", experiment=written, blind="1")

    assert not page.exception
    assert "The queue could not be shown" in said(page)


def test_an_experiment_and_a_request_at_once_are_refused(open_page: OpenPage, trial: Trial) -> None:
    page = blind(open_page, trial, request=trial.jobs[0].request)

    assert "not of both" in said(page)

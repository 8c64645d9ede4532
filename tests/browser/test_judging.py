"""Judging in a real browser: blind, with the keyboard alone, by two people."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from codybatch.domain.findings import Decision, Verdict
from codybatch.domain.identifiers import JobId, Person
from codybatch.domain.jobs import Job
from codybatch.services.to_judge import Scope, ToJudge
from tests.browser.axe import accessible
from tests.browser.kit import fits, visit, workbench
from tests.judging_kit import MODELS, PROMPTS, Trial, a_trial
from tests.ui_kit import Gallery

pytestmark = pytest.mark.timeout(600)

FIRST = 30_000
"""Milliseconds: a server's first page may take that long."""
DANA, BOB = Person("dana"), Person("bob")


def order(trial: Trial, by: Person) -> tuple[Job, ...]:
    of = Scope(experiment=trial.experiment.id)
    return ToJudge(trial.gallery.records).line(of, by, blind=True).jobs


def given(trial: Trial, job: JobId, by: Person) -> Verdict:
    return next(one for one in trial.gallery.records.verdicts(job) if one.rater == by)


def test_an_experiment_is_judged_blind_with_the_keyboard(
    tmp_path: Path, visitor: BrowserContext
) -> None:
    trial = a_trial(Gallery(tmp_path / "home"), arms=2, repositories=3)
    jobs = order(trial, DANA)
    trial.gallery.judge(jobs[0], BOB, Decision.REJECT, comment="Bob says no.")
    page = visitor.new_page()
    with workbench(trial.gallery.home, CODYBATCH_PERSON=DANA) as address:
        page.goto(f"{address}/judge?experiment={trial.experiment.id}&blind=1")
        expect(page.get_by_text("1 of 6")).to_be_visible(timeout=FIRST)

        nothing_tells_what_made_it(page)
        the_keys_are_listed(page)
        a_rating_reasons_and_a_comment_go_with_the_verdict(page)
        undo_goes_back_and_next_goes_on(page)
        what_made_it_is_shown_when_asked(page, jobs[0])
        the_rest_is_judged_until_raters_can_be_compared(page)

    first = given(trial, jobs[0].id, DANA)
    assert (first.decision, first.rating, first.reasons, first.blind) == (
        Decision.ACCEPT,
        4,
        ("incomplete",),
        True,
    )
    assert first.comment == "axjkumh? 12"
    assert all(given(trial, job.id, DANA).blind for job in jobs)
    trial.gallery.close()


def nothing_tells_what_made_it(page: Page) -> None:
    source = page.content()
    assert not [name for name in (*PROMPTS, *MODELS) if name in source]
    assert page.title() == "Cody Batch"
    assert "&at=" in page.url
    expect(page.get_by_text("Bob says no.")).to_have_count(0)


def the_keys_are_listed(page: Page) -> None:
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Accept, and go on")).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def a_rating_reasons_and_a_comment_go_with_the_verdict(page: Page) -> None:
    page.keyboard.press("4")
    expect(page.locator(".st-key-job-rating-4 button[kind=primary]")).to_be_visible()
    page.keyboard.press("w")
    expect(page.locator(".st-key-job-reason-1 button[kind=primary]")).to_be_visible()
    page.keyboard.press("m")
    expect(page.get_by_label("Comment")).to_be_focused()
    page.keyboard.type("axjkumh? 12")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Accept or reject it first.")).to_be_visible()
    expect(page.get_by_text("1 of 6")).to_be_visible()
    page.keyboard.press("a")
    expect(page.get_by_text("2 of 6 · 1 judged by you · 2 raters")).to_be_visible()


def undo_goes_back_and_next_goes_on(page: Page) -> None:
    page.keyboard.press("x")
    expect(page.get_by_text("3 of 6")).to_be_visible()
    page.keyboard.press("u")
    expect(page.get_by_text("2 of 6 · 1 judged by you")).to_be_visible()
    expect(page.get_by_text("You have not judged it.")).to_be_visible()
    page.keyboard.press("j")
    expect(page.get_by_text("3 of 6")).to_be_visible()
    page.reload()
    expect(page.get_by_text("3 of 6")).to_be_visible(timeout=FIRST)


def what_made_it_is_shown_when_asked(page: Page, first: Job) -> None:
    page.keyboard.press("k")
    expect(page.get_by_text("2 of 6")).to_be_visible()
    page.keyboard.press("k")
    expect(page.get_by_text("by you, blind")).to_be_visible()
    expect(page.get_by_text("Bob says no.")).to_be_visible()
    expect(page.get_by_text(first.model)).to_have_count(0)
    page.get_by_role("button", name="Show what made it").click()
    expect(page.get_by_text(f"Model: {first.model}")).to_be_visible()
    expect(page.get_by_role("button", name="Reject")).to_have_count(0)


def the_rest_is_judged_until_raters_can_be_compared(page: Page) -> None:
    page.keyboard.press("j")
    expect(page.get_by_text("You have not judged it.")).to_be_visible()
    for number in range(2, 7):
        expect(page.get_by_text(f"{number} of 6")).to_be_visible()
        page.keyboard.press("a" if number % 2 else "x")
    expect(page.get_by_text("You have judged all of them.")).to_be_visible()
    expect(page.get_by_text("1 of them were judged by two or more")).to_be_visible()
    page.get_by_role("button", name="acme/").click()
    expect(page.get_by_text("1 of 6")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_judge_blind(
    tmp_path: Path, system_browser: Browser, scheme: Literal["light", "dark"]
) -> None:
    trial = a_trial(Gallery(tmp_path / "home"), arms=2, repositories=2)
    for job in trial.jobs:
        trial.gallery.judge(job, BOB, Decision.REJECT, rating=2, comment="No. " * 40)
        trial.gallery.judge(job, Person("erin"), Decision.ACCEPT)
    with (
        workbench(trial.gallery.home, CODYBATCH_PERSON=DANA) as address,
        visit(system_browser, scheme=scheme) as (context, _),
    ):
        page = context.new_page()
        page.goto(f"{address}/judge?experiment={trial.experiment.id}&blind=1")
        expect(page.get_by_text("1 of 4")).to_be_visible(timeout=FIRST)
        accessible(page)
        for number in range(2, 5):
            page.keyboard.press("a")
            expect(page.get_by_text(f"{number} of 4")).to_be_visible()
        page.keyboard.press("a")
        expect(page.get_by_text("Where they differ (4)")).to_be_visible()
        page.reload()  # without the toasts, whose roles are Streamlit's
        expect(page.get_by_text("Where they differ (4)")).to_be_visible(timeout=FIRST)
        accessible(page)
        page.set_viewport_size({"width": 390, "height": 844})
        assert fits(page)
        page.keyboard.press("k")
        expect(page.get_by_text("by you, blind")).to_be_visible()
        accessible(page)
        assert fits(page)
    trial.gallery.close()

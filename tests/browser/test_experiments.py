"""An experiment in a real browser: set up, watched, judged elsewhere, and read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from codybatch.composition import verdicts
from codybatch.domain.experiments import Experiment, ExperimentState
from codybatch.domain.findings import Decision
from codybatch.domain.identifiers import JobId
from codybatch.domain.prompts import PromptDraft
from tests.browser.kit import visit, workbench
from tests.worker.world import CLEAN, World, world

pytestmark = pytest.mark.timeout(400)
PATIENCE = 60_000
REPOSITORIES = ("acme/one", "acme/two", "acme/three")


@pytest.fixture
def w(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path, dict.fromkeys(REPOSITORIES, CLEAN)) as opened:
        for text in ("Tidy up.", "Tidy up with care."):
            opened.app.prompts.save(PromptDraft(name="tidy", template=text), opened.app.person)
        yield opened


def test_an_experiment_is_set_up_watched_and_read(w: World, system_browser: Browser) -> None:
    """One server, one story: a start takes seconds."""
    environment = w.settings.as_environment()
    home = Path(environment.pop("CODYBATCH_HOME"))
    with (
        visit(system_browser) as (context, _),
        workbench(home, **environment) as address,
    ):
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        two_versions_are_compared_from_their_prompt(page, address)
        the_form_says_what_it_runs_and_costs(page)
        it_begins_after_one_confirmation(page)
        made = its_jobs_end_before_our_eyes(page, w)
        the_result_comes_once_all_is_judged(page, w, made)
        the_matrix_is_filtered_and_leads_to_a_job(page)


def two_versions_are_compared_from_their_prompt(page: Page, address: str) -> None:
    page.goto(f"{address}/prompt?name=tidy&tab=Changes")
    page.get_by_role("button", name="Compare both in an experiment").click()
    expect(page.get_by_role("heading", name="New experiment")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("tidy v1", exact=True)).to_be_visible()


def the_form_says_what_it_runs_and_costs(page: Page) -> None:
    expect(page.get_by_role("button", name="Begin the experiment")).to_be_disabled()
    names = page.get_by_role("textbox", name="One a line")
    names.fill("\n".join(REPOSITORIES))
    names.press("Control+Enter")
    side = page.locator(".st-key-experiments-side")
    expect(side.get_by_text("18", exact=True).first).to_be_visible(timeout=PATIENCE)
    repetitions = page.get_by_role("spinbutton", name="Repetitions")
    repetitions.fill("1")
    repetitions.press("Enter")

    expect(
        side.locator(".st-key-fact-experiment-plan-Cells").get_by_text("6", exact=True)
    ).to_be_visible(timeout=PATIENCE)
    expect(side.get_by_text("between $")).to_be_visible(timeout=PATIENCE)
    expect(side.get_by_text("3 repositories are too few")).to_be_visible()


def it_begins_after_one_confirmation(page: Page) -> None:
    page.get_by_role("button", name="Begin the experiment").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text(re.compile("Run 6 jobs for about"))).to_be_visible()
    expect(dialog.get_by_text("It has no budget of its own.")).to_be_visible()
    dialog.get_by_role("button", name="Begin", exact=True).click()

    expect(page.get_by_role("heading", name="tidy@1 vs tidy@2")).to_be_visible(timeout=PATIENCE)


def its_jobs_end_before_our_eyes(page: Page, w: World) -> Experiment:
    (made,) = w.app.experiments.list()
    expect(page.get_by_text("6 of 6 done")).to_be_visible(timeout=3 * PATIENCE)
    ended = w.app.experiments.runs.advance(w.app.store.records.experiment(made.id))
    assert ended.state is ExperimentState.ENDED
    expect(page.get_by_text("Every cell that can be made")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("Nothing is concluded yet").first).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("0 of 3 (3 not judged)")).to_have_count(2, timeout=PATIENCE)
    return made


def the_result_comes_once_all_is_judged(page: Page, w: World, made: Experiment) -> None:
    second = made.arms[1].key
    for job in w.app.experiments.cells.jobs_of(made.id):
        is_good = job.cell is not None and job.cell.arm == second
        decision = Decision.ACCEPT if is_good else Decision.REJECT
        verdicts(w.app).rate(JobId(job.id), w.app.person, decision)
    page.reload()

    expect(page.get_by_text("was accepted 100 points more often").first).to_be_visible(
        timeout=PATIENCE
    )
    expect(page.locator(".cb-forest-point")).to_have_count(1)


def the_matrix_is_filtered_and_leads_to_a_job(page: Page) -> None:
    page.get_by_role("tab", name="Matrix").click()
    expect(page.locator("a.cb-mark")).to_have_count(6, timeout=PATIENCE)
    page.get_by_role("radio", name="Regressed").click()
    expect(page.get_by_text("No repository is like that")).to_be_visible(timeout=PATIENCE)
    expect(page).to_have_url(re.compile("which=Regressed"))
    page.get_by_role("radio", name="Improved").click()
    expect(page.locator("a.cb-mark")).to_have_count(6, timeout=PATIENCE)

    page.get_by_role("link", name="acme/two, tidy@2, repetition 1: accepted").click()
    expect(page.get_by_role("heading", name="acme/two")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("accepted").first).to_be_visible()
